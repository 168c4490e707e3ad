import type { CommandEntry } from './kit/frame.js';
import type { Register } from './kit/context.js';

/**
 * Every command, in the order of `callweave --help`. Each `load` names its import in a separate statement: only then
 * does knip report the unused exports of a module.
 */
export const commands: readonly CommandEntry[] = [
  {
    name: 'dev',
    summary: 'Run everything on this machine: servers, worker and schedules (= npm start)',
    guide: 'npm-start',
    load: async (): Promise<Register> => {
      const { registerDev } = await import('./dev.js');
      return registerDev;
    },
  },
  {
    name: 'worker',
    summary: 'Run the worker alone, for production',
    guide: 'no-worker-is-running',
    load: async (): Promise<Register> => {
      const { registerWorker } = await import('./worker.js');
      return registerWorker;
    },
  },
  {
    name: 'drain',
    summary: 'Read all new rows of the live feed now',
    guide: 'drain-now',
    load: async (): Promise<Register> => {
      const { registerDrain } = await import('./drain.js');
      return registerDrain;
    },
  },
  {
    name: 'backfill',
    summary: 'Load past days; list, pause, resume or cancel backfills',
    guide: 'load-past-days',
    load: async (): Promise<Register> => {
      const { registerBackfill } = await import('./backfill/backfill.js');
      return registerBackfill;
    },
  },
  {
    name: 'transcripts',
    summary: 'Fetch the transcripts that are due',
    guide: 'transcripts-do-not-come',
    load: async (): Promise<Register> => {
      const { registerTranscripts } = await import('./transcripts.js');
      return registerTranscripts;
    },
  },
  {
    name: 'invoices',
    summary: 'Fetch the calls of Credira’s invoices, or list the invoices',
    guide: 'credira-does-not-know-an-invoice',
    load: async (): Promise<Register> => {
      const { registerInvoices } = await import('./invoices/invoices.js');
      return registerInvoices;
    },
  },
  {
    name: 'schedule',
    summary: 'Create, show, pause, resume, trigger or remove schedules',
    guide: 'a-schedule-is-paused-or-missing',
    load: async (): Promise<Register> => {
      const { registerSchedule } = await import('./schedule.js');
      return registerSchedule;
    },
  },
  {
    name: 'status',
    summary: 'Show how fresh the calls are, and what needs a person',
    guide: 'where-to-look',
    load: async (): Promise<Register> => {
      const { registerStatus } = await import('./status/status.js');
      return registerStatus;
    },
  },
  {
    name: 'call',
    summary: 'Show a merged call and its story, or read it again',
    guide: 'one-call-looks-wrong-or-is-missing',
    load: async (): Promise<Register> => {
      const { registerCall } = await import('./call/call.js');
      return registerCall;
    },
  },
  {
    name: 'rejects',
    summary: 'List, show or replay rows that could not become part of a call',
    guide: 'rejects',
    load: async (): Promise<Register> => {
      const { registerRejects } = await import('./rejects/rejects.js');
      return registerRejects;
    },
  },
  {
    name: 'cursor',
    summary: 'Show or move the live cursor',
    guide: 'move-the-cursor',
    load: async (): Promise<Register> => {
      const { registerCursor } = await import('./cursor/cursor.js');
      return registerCursor;
    },
  },
  {
    name: 'coverage',
    summary: 'Show which days are complete',
    guide: 'is-a-month-complete',
    load: async (): Promise<Register> => {
      const { registerCoverage } = await import('./coverage/coverage.js');
      return registerCoverage;
    },
  },
  {
    name: 'verify',
    summary: 'Compare days with the source, and repair what differs',
    guide: 'is-everything-there-and-correct',
    load: async (): Promise<Register> => {
      const { registerVerify } = await import('./verify.js');
      return registerVerify;
    },
  },
  {
    name: 'remerge',
    summary: 'Recompute documents from their stored rows',
    guide: 'a-rule-of-the-merge-has-changed',
    load: async (): Promise<Register> => {
      const { registerRemerge } = await import('./remerge.js');
      return registerRemerge;
    },
  },
  {
    name: 'export',
    summary: 'Write calls as NDJSON or CSV to stdout',
    guide: 'copy-the-calls-elsewhere',
    load: async (): Promise<Register> => {
      const { registerExport } = await import('./export/export.js');
      return registerExport;
    },
  },
  {
    name: 'erase',
    summary: 'Erase calls after a privacy request',
    guide: 'a-person-asks-to-be-forgotten',
    load: async (): Promise<Register> => {
      const { registerErase } = await import('./erase.js');
      return registerErase;
    },
  },
];
