import type { Command } from 'commander';
import type { Client } from '@temporalio/client';
import { isDay } from '../../domain/days/days.js';
import { UsageError } from '../../settings/errors.js';
import { selectAccount } from '../../settings/select-account.js';
import type { Account } from '../../settings/settings.js';
import {
  cancelBackfill,
  describeBackfill,
  listBackfills,
  pauseBackfill,
  resumeBackfill,
  setBackfillParallel,
} from '../../temporal/runs/backfills.js';
import { withClient } from '../../temporal/server/connect.js';
import type { Steered } from '../../workflows/backfill/backfill-progress.js';
import { backfillWorkflowId } from '../../workflows/ids.js';
import { PARALLEL_TEXT, readParallel } from './backfill-options.js';
import { backfillJson, backfillText, outcomeLine } from './backfill-text.js';
import { commandSettings, type CommandContext, type AccountOptions } from '../kit/context.js';
import { withExamples, accountOption, onlyAccountOption } from '../kit/help.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';

type Steer = (client: Client, workflowId: string) => Promise<Steered>;

const ID = '<id>';
const ID_DESCRIPTION = 'workflow id, or only the days, as 2025-03-01..2025-03-31';

/** Adds `backfill list|show|pause|resume|set-parallel|cancel`. */
export function addSteeringCommands(command: Command, context: CommandContext): void {
  const listCommand = command
    .command('list')
    .description('List the last 20 backfills, including those that have ended.')
    .addOption(onlyAccountOption())
    .action(context.action((options: AccountOptions) => list(context, options)));
  withExamples(listCommand, { reads: ['callweave backfill list'] });
  const showCommand = withId(command, 'show')
    .description('Show a backfill: its options, its windows, and what it waits for.')
    .action(context.action((id: string, options: AccountOptions) => show({ context, id, options })));
  withExamples(showCommand, { reads: ['callweave backfill show 2025-03-01..2025-03-31'] });
  for (const [name, { description, steer }] of Object.entries(STEERING)) {
    const steering = withId(command, name)
      .description(description)
      .action(context.action((id: string, options: AccountOptions) => runSteering({ context, id, options, steer })));
    withExamples(steering, { others: [`callweave backfill ${name} 2025-03-01..2025-03-31`] });
  }
  const setParallel = withId(command, 'set-parallel')
    .description('Set how many windows are drained at once. Running windows finish. Needs a running worker.')
    .argument('<windows>', PARALLEL_TEXT, readParallel)
    .action(
      context.action((id: string, parallel: number, options: AccountOptions) => {
        const steer: Steer = (client, workflowId) => setBackfillParallel(client, workflowId, parallel);
        return runSteering({ context, id, options, steer });
      }),
    );
  withExamples(setParallel, { others: ['callweave backfill set-parallel 2025-03-01..2025-03-31 8'] });
}

const STEERING: Readonly<Record<string, { description: string; steer: Steer }>> = {
  pause: {
    description: 'Pause a backfill. Pages in flight are written; no others are requested. Needs a running worker.',
    steer: pauseBackfill,
  },
  resume: {
    description: 'Resume a paused backfill where it stopped. Needs a running worker.',
    steer: resumeBackfill,
  },
  cancel: {
    description: 'Cancel a backfill and its running windows. Documents already written stay. Needs a running worker.',
    steer: cancelBackfill,
  },
};

function withId(command: Command, name: string): Command {
  return command.command(name).argument(ID, ID_DESCRIPTION).addOption(accountOption());
}

async function list(context: CommandContext, options: AccountOptions): Promise<ExitCode> {
  const { settings, temporalAddress } = commandSettings({ context, needs: ['accounts', 'temporal'] });
  const account =
    options.account === undefined ? undefined : selectAccount({ ...settings, name: options.account }).name;
  const backfills = await withClient(temporalAddress, (client) => listBackfills(client, account));
  if (options.json) {
    context.output.printJson(backfills.map(backfillJson));
    return EXIT.done;
  }
  if (backfills.length === 0) {
    context.output.note('no backfill was started yet, or the server no longer keeps any');
    return EXIT.done;
  }
  context.output.printTable({
    head: ['backfill', 'state', 'started', 'so far'],
    rows: backfills.map((backfill) => [
      backfill.workflowId,
      backfill.state,
      backfill.startedAt.toISOString(),
      outcomeLine(backfill),
    ]),
  });
  return EXIT.done;
}

interface OneBackfill {
  readonly context: CommandContext;
  readonly id: string;
  readonly options: AccountOptions;
}

async function show({ context, id, options }: OneBackfill): Promise<ExitCode> {
  const { settings, temporalAddress } = commandSettings({ context, needs: ['accounts', 'temporal'] });
  const workflowId = workflowIdOf({ id, options, accounts: settings.accounts });
  const backfill = await withClient(temporalAddress, (client) => describeBackfill(client, workflowId));
  if (backfill === null)
    throw new Error(`there is no backfill ${workflowId}: \`callweave backfill list\` shows their ids`);
  if (options.json) context.output.printJson(backfillJson(backfill));
  else context.output.print(backfillText(backfill));
  return EXIT.done;
}

async function runSteering({ context, id, options, steer }: OneBackfill & { steer: Steer }): Promise<ExitCode> {
  const { settings, temporalAddress } = commandSettings({ context, needs: ['accounts', 'temporal'] });
  const workflowId = workflowIdOf({ id, options, accounts: settings.accounts });
  const { state, parallel } = await withClient(temporalAddress, (client) => steer(client, workflowId));
  if (options.json) context.output.printJson({ workflowId, state, parallel });
  else context.output.print(`${workflowId}: ${state}, ${parallel} at once`);
  return EXIT.done;
}

/**
 * Returns the workflow id of a backfill.
 * @throws UsageError if the text is neither the id of a backfill nor a range of days, or the account is not clear
 */
function workflowIdOf(input: { id: string; options: AccountOptions; accounts: readonly Account[] }): string {
  const { id, options, accounts } = input;
  if (id.startsWith('backfill/')) return id;
  const [from = '', to = '', ...more] = id.split('..');
  if (more.length > 0 || !isDay(from) || !isDay(to)) {
    throw new UsageError(`"${id}" is not a backfill: give a ${ID_DESCRIPTION} (\`callweave backfill list\`)`);
  }
  const account = selectAccount({ accounts, name: options.account, intake: 'feed' }).name;
  return backfillWorkflowId({ account, from, to });
}
