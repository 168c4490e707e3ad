import { selectAccount } from '../settings/select-account.js';
import { withClient } from '../temporal/connect.js';
import { drainProgress, startDrain, type DrainHandle } from '../temporal/drains.js';
import { failureMessage } from '../temporal/failure-message.js';
import { countsLine, waitLine, type DrainResult } from '../workflows/drain-progress.js';
import { everyInterval } from '../every-interval.js';
import { accountOption, commandSettings, type CommandContext, type CommonOptions } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Register } from './frame.js';
import { withInterrupt } from './interrupt.js';
import type { Progress } from './output.js';
import { workflowLink } from './workflow-link.js';

const REFRESH_MS = 500;

interface DrainOptions extends CommonOptions {
  readonly account?: string;
  readonly wait?: true;
}

export const registerDrain: Register = (command, context) => {
  command
    .description('Starts a live drain of the account now, or attaches to the one that runs.')
    .addOption(accountOption())
    .option('--wait', 'show its progress and end with its result; Ctrl-C leaves it running')
    .action(context.action((options: DrainOptions) => runDrain(context, options)));
};

async function runDrain(context: CommandContext, options: DrainOptions): Promise<ExitCode> {
  const { output } = context;
  const { settings, temporalAddress, devInstance } = commandSettings({ context, needs: ['accounts'] });
  const feeds = settings.accounts.filter(({ source }) => source === 'invoca');
  const account = selectAccount({ accounts: feeds, name: options.account }).name;
  return withClient(temporalAddress, async (client) => {
    const { handle, attached } = await startDrain(client, account);
    const { workflowId } = handle;
    const url = workflowLink({ workflowId, temporalAddress, devInstance });
    output.note(
      `${attached ? 'A drain is running already' : 'Started'}: ${workflowId}${url === null ? '' : `\n${url}`}`,
    );
    if (options.wait) return waitForDrain({ context, options, handle });
    if (options.json) output.printJson({ account, workflowId, url, attached });
    else output.print(workflowId);
    return EXIT.done;
  });
}

async function waitForDrain(input: {
  context: CommandContext;
  options: DrainOptions;
  handle: DrainHandle;
}): Promise<ExitCode> {
  const { output } = input.context;
  const result = await withInterrupt((signal) =>
    drainResult({ handle: input.handle, signal, progress: output.progress() }),
  );
  if (result === null) {
    output.note(`The drain goes on; \`callweave status\` tells how far it is.`);
    return EXIT.done;
  }
  if (input.options.json) output.printJson(result);
  else output.print(`${result.account}: ${countsLine(result)}; cursor ${result.cursor ?? '(start of the feed)'}`);
  return EXIT.done;
}

/** The drain's result, with its progress shown meanwhile; null where the signal aborts first. */
async function drainResult(input: {
  handle: DrainHandle;
  signal: AbortSignal;
  progress: Progress;
}): Promise<DrainResult | null> {
  const settled = new AbortController();
  const result = input.handle.result().finally(() => {
    settled.abort();
  });
  try {
    const shown = showUntil({ ...input, signal: AbortSignal.any([input.signal, settled.signal]) });
    return await Promise.race([result, shown.then(() => (input.signal.aborted ? null : result))]);
  } catch (error) {
    throw new Error(failureMessage(error), { cause: error });
  } finally {
    input.progress.end();
  }
}

async function showUntil(input: { handle: DrainHandle; signal: AbortSignal; progress: Progress }): Promise<void> {
  await everyInterval({ pauseMs: REFRESH_MS, signal: input.signal }, async () => {
    const now = await drainProgress(input.handle);
    if (now === null || input.signal.aborted) return;
    const waiting = now.waiting === null ? '' : `; ${waitLine(now.waiting)}`;
    input.progress.update(`${now.account}: ${countsLine(now)}${waiting}`);
  });
}
