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
import { readParallel } from './backfill-options.js';
import { backfillText, outcomeLine } from './backfill-text.js';
import { accountOption, commandSettings, type CommandContext, type CommonOptions } from '../kit/context.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';

interface AccountOptions extends CommonOptions {
  readonly account?: string;
}

type Steer = (client: Client, workflowId: string) => Promise<Steered>;

const ID = '<id>';
const ID_DESCRIPTION = 'a workflow id, or the days alone: 2025-03-01..2025-03-31';

/** `backfill list|show|pause|resume|set-parallel|cancel` */
export function addSteeringCommands(command: Command, context: CommandContext): void {
  command
    .command('list')
    .description('Lists the last 20 backfills, those that have ended among them.')
    .addOption(accountOption('of this account only'))
    .action(context.action((options: AccountOptions) => list(context, options)));
  withId(command, 'show')
    .description('Shows a backfill: its options, its windows, and what it waits for.')
    .action(context.action((id: string, options: AccountOptions) => show({ context, id, options })));
  for (const [name, { description, steer }] of Object.entries(STEERING)) {
    withId(command, name)
      .description(description)
      .action(context.action((id: string, options: AccountOptions) => runSteering({ context, id, options, steer })));
  }
  withId(command, 'set-parallel')
    .description('Drains so many windows at once from now on; those that run go on to their end.')
    .argument('<windows>', 'how many at once', readParallel)
    .action(
      context.action((id: string, parallel: number, options: AccountOptions) => {
        const steer: Steer = (client, workflowId) => setBackfillParallel(client, workflowId, parallel);
        return runSteering({ context, id, options, steer });
      }),
    );
}

const STEERING: Readonly<Record<string, { description: string; steer: Steer }>> = {
  pause: {
    description: 'Pauses a backfill: pages under way are written, no other is asked for.',
    steer: pauseBackfill,
  },
  resume: { description: 'Lets a paused backfill go on where it was.', steer: resumeBackfill },
  cancel: {
    description: 'Cancels a backfill: it ends when its windows have ended. What is written stays.',
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
    context.output.printJson(backfills);
    return EXIT.done;
  }
  if (backfills.length === 0) {
    context.output.note('no backfill was started yet, or none that the server still knows of');
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
  if (backfill === null) throw new Error(`there is no backfill ${workflowId}; \`callweave backfill list\` shows them`);
  if (options.json) context.output.printJson(backfill);
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

/** @throws UsageError for what is neither the id of a backfill nor a range of days */
function workflowIdOf(input: { id: string; options: AccountOptions; accounts: readonly Account[] }): string {
  const { id, options, accounts } = input;
  if (id.startsWith('backfill/')) return id;
  const [from = '', to = '', ...more] = id.split('..');
  if (more.length > 0 || !isDay(from) || !isDay(to)) {
    throw new UsageError(`"${id}" is not a backfill: it takes ${ID_DESCRIPTION} (\`callweave backfill list\`)`);
  }
  const account = selectAccount({ accounts, name: options.account, intake: 'feed' }).name;
  return backfillWorkflowId({ account, from, to });
}
