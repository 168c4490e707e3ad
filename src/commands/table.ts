import type { CommandEntry } from './kit/frame.js';

/** Every command, in the order of `callweave --help`. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'dev',
    summary: 'everything on this machine: servers, worker, schedules (= npm start)',
    load: async () => (await import('./dev.js')).registerDev,
  },
  {
    name: 'worker',
    summary: 'the worker alone, for production',
    load: async () => (await import('./worker.js')).registerWorker,
  },
  {
    name: 'drain',
    summary: 'one live drain now',
    load: async () => (await import('./drain.js')).registerDrain,
  },
  {
    name: 'backfill',
    summary: 'read past days, and steer that',
    load: async () => (await import('./backfill/backfill.js')).registerBackfill,
  },
  {
    name: 'transcripts',
    summary: 'fetch the transcripts that are due',
    load: async () => (await import('./transcripts.js')).registerTranscripts,
  },
  {
    name: 'invoices',
    summary: 'the calls of Credira’s invoices: ask for them, list the invoices',
    load: async () => (await import('./invoices/invoices.js')).registerInvoices,
  },
  {
    name: 'schedule',
    summary: 'the schedules: make them, look at them',
    load: async () => (await import('./schedule.js')).registerSchedule,
  },
  {
    name: 'status',
    summary: 'freshness, cursor, transcripts, backfills, rejects, schedules',
    load: async () => (await import('./status/status.js')).registerStatus,
  },
  {
    name: 'call',
    summary: 'a merged call and its story',
    load: async () => (await import('./call/call.js')).registerCall,
  },
  {
    name: 'rejects',
    summary: 'rows that are part of no call: look at them, read them again',
    load: async () => (await import('./rejects/rejects.js')).registerRejects,
  },
  {
    name: 'cursor',
    summary: 'how far the live feed is read, and moving that',
    load: async () => (await import('./cursor/cursor.js')).registerCursor,
  },
  {
    name: 'coverage',
    summary: 'which days are complete',
    load: async () => (await import('./coverage/coverage.js')).registerCoverage,
  },
  {
    name: 'verify',
    summary: 'compare days with the source, and repair what differs',
    load: async () => (await import('./verify.js')).registerVerify,
  },
  {
    name: 'remerge',
    summary: 'documents anew from their stored rows',
    load: async () => (await import('./remerge.js')).registerRemerge,
  },
  {
    name: 'export',
    summary: 'the calls as NDJSON or CSV, on stdout',
    load: async () => (await import('./export/export.js')).registerExport,
  },
  {
    name: 'erase',
    summary: 'erase calls after a privacy request',
    load: async () => (await import('./erase.js')).registerErase,
  },
];
