import type { CommandEntry } from './kit/frame.js';

/** Every command, in the order of `callweave --help`. A command's module exports `register` and nothing else. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'dev',
    summary: 'Run everything on this machine: servers, worker and schedules',
    guide: 'callweave-dev',
    load: () => import('./dev.js'),
  },
  {
    name: 'worker',
    summary: 'Run the worker alone, for production',
    guide: 'no-worker-is-running',
    load: () => import('./worker.js'),
  },
  {
    name: 'check',
    summary: 'Try servers, credentials and rights, and say what to do',
    guide: 'check-everything-first',
    load: () => import('./check/check.js'),
  },
  {
    name: 'drain',
    summary: 'Read all new rows of the live feed now',
    guide: 'drain-now',
    load: () => import('./drain.js'),
  },
  {
    name: 'backfill',
    summary: 'Load past days; list, pause, resume or cancel backfills',
    guide: 'load-past-days',
    load: () => import('./backfill/backfill.js'),
  },
  {
    name: 'transcripts',
    summary: 'Fetch the transcripts that are due',
    guide: 'transcripts-do-not-come',
    load: () => import('./transcripts.js'),
  },
  {
    name: 'invoices',
    summary: 'Fetch the calls of Credira’s invoices, or list the invoices',
    guide: 'credira-does-not-know-an-invoice-or-not-all-of-its-calls',
    load: () => import('./invoices/invoices.js'),
  },
  {
    name: 'schedule',
    summary: 'Create, show, pause, resume, trigger or remove schedules',
    guide: 'a-schedule-is-paused-or-missing',
    load: () => import('./schedule.js'),
  },
  {
    name: 'status',
    summary: 'Show how fresh the calls are, and what needs a person',
    guide: 'where-to-look',
    load: () => import('./status/status.js'),
  },
  {
    name: 'alerts',
    summary: 'List or mute what is posted to the alert URL, or test it',
    guide: 'alerts',
    load: () => import('./alerts/alerts.js'),
  },
  {
    name: 'call',
    summary: 'Show a merged call and its story, or read it again',
    guide: 'one-call-looks-wrong-or-is-missing',
    load: () => import('./call/call.js'),
  },
  {
    name: 'rejects',
    summary: 'List, show or replay rows that could not become part of a call',
    guide: 'rejects',
    load: () => import('./rejects/rejects.js'),
  },
  {
    name: 'cursor',
    summary: 'Show or move the live cursor',
    guide: 'move-the-cursor',
    load: () => import('./cursor/cursor.js'),
  },
  {
    name: 'coverage',
    summary: 'Show which days are complete',
    guide: 'is-a-month-complete',
    load: () => import('./coverage/coverage.js'),
  },
  {
    name: 'totals',
    summary: 'Add up the calls of some days, to compare with reports',
    guide: 'the-totals-differ-from-a-report',
    load: () => import('./totals/totals.js'),
  },
  {
    name: 'verify',
    summary: 'Compare days with the source, and repair what differs',
    guide: 'is-everything-there-and-correct',
    load: () => import('./verify.js'),
  },
  {
    name: 'remerge',
    summary: 'Recompute documents from their stored rows',
    guide: 'a-rule-of-the-merge-has-changed',
    load: () => import('./remerge.js'),
  },
  {
    name: 'export',
    summary: 'Write calls as NDJSON or CSV to stdout',
    guide: 'copy-the-calls-elsewhere',
    load: () => import('./export/export.js'),
  },
  {
    name: 'schema',
    summary: 'Print the JSON Schema of an exported call',
    guide: 'copy-the-calls-elsewhere',
    load: () => import('./schema.js'),
  },
  {
    name: 'erase',
    summary: 'Erase calls after a privacy request',
    guide: 'a-person-asks-to-be-forgotten',
    load: () => import('./erase.js'),
  },
];
