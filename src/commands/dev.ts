import { resolve } from 'node:path';
import { transcriptCountsLine } from '../domain/transcripts/transcript.js';
import { count } from '../domain/count.js';
import { runDev, type DevResult } from '../dev/run-dev.js';
import { createLog, temporalLogger } from '../process/log.js';
import { givenServers, isTemporalGiven } from '../settings/dev-instance.js';
import { loadSettings } from '../settings/settings.js';
import { withRuntime } from '../worker/runtime.js';
import { countsLine } from '../workflows/feed/drain-progress.js';
import { invoicesLine } from '../workflows/invoices/invoices-progress.js';
import { defaultDataDir, noteWarnings, type CommandContext, type CommonOptions, type Register } from './kit/context.js';
import { withDocuments } from './kit/documents.js';
import { withExamples } from './kit/help.js';
import { EXIT, type ExitCode } from './kit/exit-codes.js';
import { withInterrupt } from './kit/interrupt.js';
import { shownCall } from '../operations/shown-call.js';
import { callText } from './call/call-text.js';

interface DevOptions extends CommonOptions {
  readonly dataDir: string;
  readonly once?: true;
}

/** Longer than a short outage, and short enough for a person to wait. */
const ANSWER_LIMIT_MS = 2 * 60_000;

export const register: Register = (command, context) => {
  command
    .description(
      'Run everything on this machine until Ctrl-C: Temporal with its Web UI and MongoDB (unless TEMPORAL_ADDRESS and ' +
        'MONGODB_URI name yours), the worker and the schedules. If no account is set, serve a built-in sample feed.',
    )
    .option('--data-dir <folder>', 'folder for the data of the servers', defaultDataDir(context.cwd))
    .option('--once', 'read everything there is now, fetch the transcripts that are due, print a summary and exit')
    .action(context.action((options: DevOptions) => dev(context, options)));
  withExamples(command, {
    others: ['callweave dev', 'callweave dev --once --json # print the drains and one example call of each account'],
  });
};

async function dev(context: CommandContext, options: DevOptions): Promise<ExitCode> {
  const { env, cwd, output } = context;
  const temporal = isTemporalGiven(env) ? (['temporal'] as const) : [];
  const needs = ['mongodb', 'accounts', 'worker', 'alerts', ...temporal] as const;
  const settings = loadSettings({ env, cwd, needs });
  noteWarnings({ output, warnings: settings.warnings });
  // The terminal shows the progress; the SDK's messages at info level are useful in production only.
  const log = createLog({ ...settings, logLevel: settings.isLogLevelSet ? settings.logLevel : 'error' });
  const runtime = { logger: temporalLogger(log), metricsAddress: settings.metricsAddress, otlp: settings.otlp };
  const progress = output.progress();
  const wasInterrupted = await withInterrupt(async (signal) => {
    const run = (): Promise<DevResult> =>
      runDev({
        dataDir: resolve(cwd, options.dataDir),
        database: settings.mongodb.database,
        accounts: settings.accounts,
        given: givenServers(env),
        transcriptChildren: settings.transcriptChildren,
        healthAddress: settings.healthAddress,
        webhookAddress: settings.webhookAddress,
        alerts: settings.alerts,
        once: options.once === true,
        answerLimitMs: ANSWER_LIMIT_MS,
        signal,
        say: output.note,
        showProgress: progress.update,
      });
    const result = await withRuntime(runtime, run).finally(() => {
      progress.end();
    });
    if (options.once && !signal.aborted) printResult({ context, options, result });
    return signal.aborted;
  });
  return options.once && wasInterrupted ? EXIT.failed : EXIT.done;
}

function printResult(input: { context: CommandContext; options: DevOptions; result: DevResult }): void {
  const { output } = input.context;
  const { drains, invoices, stored, examples } = input.result;
  if (input.options.json) {
    output.printJson({ ...input.result, drains: drains.map(withDocuments), invoices: invoices.map(withDocuments) });
    return;
  }
  for (const drain of drains) output.print(`${drain.account}: drained ${countsLine(drain)}`);
  for (const run of invoices) output.print(`${run.account}: asked about ${invoicesLine(run)}`);
  for (const [account, { calls, transcripts }] of Object.entries(stored)) {
    const statuses = transcriptCountsLine(transcripts);
    output.print(`${account}: ${count(calls, 'call')} stored; transcripts: ${statuses}`);
  }
  for (const call of examples) output.print(`\nOne of them:\n\n${callText(shownCall(call))}`);
}
