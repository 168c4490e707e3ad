import type { CommandEntry, Register } from './kit/frame.js';

/**
 * Every command, in the order of `callweave --help`. Each `load` names what it takes in a statement of its own: only
 * then does knip see the unused exports of a module.
 */
export const commands: readonly CommandEntry[] = [
  {
    name: 'dev',
    summary: 'everything on this machine: servers, worker, schedules (= npm start)',
    guide: 'npm-start',
    load: async (): Promise<Register> => {
      const { registerDev } = await import('./dev.js');
      return registerDev;
    },
  },
  {
    name: 'worker',
    summary: 'the worker alone, for production',
    guide: 'no-worker-is-running',
    load: async (): Promise<Register> => {
      const { registerWorker } = await import('./worker.js');
      return registerWorker;
    },
  },
  {
    name: 'drain',
    summary: 'one live drain now',
    guide: 'drain-now',
    load: async (): Promise<Register> => {
      const { registerDrain } = await import('./drain.js');
      return registerDrain;
    },
  },
  {
    name: 'backfill',
    summary: 'read past days, and steer that',
    guide: 'load-past-days',
    load: async (): Promise<Register> => {
      const { registerBackfill } = await import('./backfill/backfill.js');
      return registerBackfill;
    },
  },
  {
    name: 'transcripts',
    summary: 'fetch the transcripts that are due',
    guide: 'transcripts-do-not-come',
    load: async (): Promise<Register> => {
      const { registerTranscripts } = await import('./transcripts.js');
      return registerTranscripts;
    },
  },
  {
    name: 'invoices',
    summary: 'the calls of Credira’s invoices: ask for them, list the invoices',
    guide: 'credira-does-not-know-an-invoice',
    load: async (): Promise<Register> => {
      const { registerInvoices } = await import('./invoices/invoices.js');
      return registerInvoices;
    },
  },
  {
    name: 'schedule',
    summary: 'the schedules: make them, look at them',
    guide: 'a-schedule-is-paused-or-missing',
    load: async (): Promise<Register> => {
      const { registerSchedule } = await import('./schedule.js');
      return registerSchedule;
    },
  },
  {
    name: 'status',
    summary: 'freshness, cursor, transcripts, backfills, rejects, schedules',
    guide: 'where-to-look',
    load: async (): Promise<Register> => {
      const { registerStatus } = await import('./status/status.js');
      return registerStatus;
    },
  },
  {
    name: 'call',
    summary: 'a merged call and its story',
    guide: 'one-call-looks-wrong-or-is-missing',
    load: async (): Promise<Register> => {
      const { registerCall } = await import('./call/call.js');
      return registerCall;
    },
  },
  {
    name: 'rejects',
    summary: 'rows that are part of no call: look at them, read them again',
    guide: 'rejects',
    load: async (): Promise<Register> => {
      const { registerRejects } = await import('./rejects/rejects.js');
      return registerRejects;
    },
  },
  {
    name: 'cursor',
    summary: 'how far the live feed is read, and moving that',
    guide: 'move-the-cursor',
    load: async (): Promise<Register> => {
      const { registerCursor } = await import('./cursor/cursor.js');
      return registerCursor;
    },
  },
  {
    name: 'coverage',
    summary: 'which days are complete',
    guide: 'is-a-month-complete',
    load: async (): Promise<Register> => {
      const { registerCoverage } = await import('./coverage/coverage.js');
      return registerCoverage;
    },
  },
  {
    name: 'verify',
    summary: 'compare days with the source, and repair what differs',
    guide: 'is-everything-there-and-correct',
    load: async (): Promise<Register> => {
      const { registerVerify } = await import('./verify.js');
      return registerVerify;
    },
  },
  {
    name: 'remerge',
    summary: 'documents anew from their stored rows',
    guide: 'a-rule-of-the-merge-has-changed',
    load: async (): Promise<Register> => {
      const { registerRemerge } = await import('./remerge.js');
      return registerRemerge;
    },
  },
  {
    name: 'export',
    summary: 'the calls as NDJSON or CSV, on stdout',
    guide: 'copy-the-calls-elsewhere',
    load: async (): Promise<Register> => {
      const { registerExport } = await import('./export/export.js');
      return registerExport;
    },
  },
  {
    name: 'erase',
    summary: 'erase calls after a privacy request',
    guide: 'a-person-asks-to-be-forgotten',
    load: async (): Promise<Register> => {
      const { registerErase } = await import('./erase.js');
      return registerErase;
    },
  },
];
