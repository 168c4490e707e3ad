import { InvalidArgumentError, Option, type Command } from 'commander';
import { moveCursor } from '../../operations/cursor/move-cursor.js';
import { planRewind, planSet, type CursorPlan } from '../../operations/cursor/plan-move.js';
import { readCursor, readHistory } from '../../operations/cursor/show-cursor.js';
import { selectAccount } from '../../settings/select-account.js';
import type { InvocaAccount } from '../../settings/settings.js';
import { withClient, type TemporalAddress } from '../../temporal/server/connect.js';
import type { Store } from '../../store/store.js';
import { liveStream } from '../../workflows/ids.js';
import { commandSettings, type CommandContext, type AccountOptions, type Register } from '../kit/context.js';
import { cursorText, historyTable, planText } from './cursor-text.js';
import { withExamples, accountOption, dryRunOption, reasonOption } from '../kit/help.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import { withStore } from '../../operations/with-store.js';

const DEFAULT_HISTORY_LIMIT = 100;
const MOST_PLACES = 100_000;

interface HistoryOptions extends AccountOptions {
  readonly limit: number;
}

interface MoveOptions extends AccountOptions {
  readonly reason: string;
  readonly dryRun?: true;
}

interface RewindOptions extends MoveOptions {
  readonly to: string;
}

/** Store and account of a command about one cursor. */
interface Scene {
  readonly store: Store;
  readonly feed: InvocaAccount;
  readonly stream: string;
  readonly temporalAddress: TemporalAddress;
}

export const register: Register = (command, context) => {
  const showCommand = command
    .command('show')
    .description('Show how far the live feed of the account is safely written.')
    .addOption(accountOption())
    .action(context.action((options: AccountOptions) => show(context, options)));
  const historyCommand = command
    .command('history')
    .description(
      'List the places that the live drain has passed, newest first, for use with `cursor rewind --to`. Includes the last ' +
        '100 moves by hand, with the time, the user and the reason.',
    )
    .addOption(accountOption())
    .addOption(
      new Option('--limit <places>', 'number of places at most').argParser(readLimit).default(DEFAULT_HISTORY_LIMIT),
    )
    .action(context.action((options: HistoryOptions) => history(context, options)));
  withExamples(command, {
    reads: ['callweave cursor show', 'callweave cursor rewind --to 2025-03-01 --dry-run'],
  });
  withExamples(showCommand, { reads: ['callweave cursor show'] });
  withExamples(historyCommand, { reads: ['callweave cursor history --limit 10'] });
  registerSet(command.command('set'), context);
  registerRewind(command.command('rewind'), context);
};

const registerSet: Register = (command, context) => {
  moveOptions(command)
    .description(
      'Move the cursor to a transaction; the next drain starts after it. Rows that this may skip are recorded as a ' +
        'coverage gap. Refused while a drain of the account runs.',
    )
    .argument('<id>', 'transaction id')
    .action(
      context.action((id: string, options: MoveOptions) =>
        move({ context, options, plan: (scene) => planSet({ ...wishOf(scene), id, now: new Date() }) }),
      ),
    );
  withExamples(command, {
    reads: ['callweave cursor set 65F92465-8FC29C01 --dry-run'],
    others: ['callweave cursor set 65F92465-8FC29C01 --reason "skip the rows of the import"'],
  });
};

const registerRewind: Register = (command, context) => {
  moveOptions(command)
    .description(
      'Move the cursor back, so that the next drain reads all rows after that place again. This does not change documents that ' +
        'are already correct. Refused while a drain of the account runs.',
    )
    .requiredOption(
      '--to <id-or-time>',
      'transaction id that the live drain has passed; or a time (in the account’s time zone if it names no offset), to ' +
        'read all calls again that began then or later',
    )
    .action(
      context.action((options: RewindOptions) =>
        move({
          context,
          options,
          plan: (scene) => planRewind({ ...wishOf(scene), to: options.to, timeZone: scene.feed.timeZone }),
        }),
      ),
    );
  withExamples(command, {
    reads: ['callweave cursor rewind --to 2025-03-01 --dry-run # read all calls since that day again'],
    others: ['callweave cursor rewind --to 2025-03-01T00:00:00Z --reason "the source lost the cursor"'],
  });
};

function moveOptions(command: Command): Command {
  return command
    .addOption(accountOption())
    .addOption(reasonOption().default(`by callweave cursor ${command.name()}`))
    .addOption(dryRunOption());
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= MOST_PLACES) return limit;
  throw new InvalidArgumentError(`It must be a number from 1 to ${MOST_PLACES}.`);
}

function wishOf({ store, feed, stream }: Scene): { store: Store; account: string; stream: string } {
  return { store, account: feed.name, stream };
}

function withScene<T>(
  { context, options }: { context: CommandContext; options: AccountOptions },
  use: (scene: Scene) => Promise<T>,
): Promise<T> {
  const { settings, temporalAddress } = commandSettings({ context, needs: ['accounts', 'mongodb'] });
  const feed = selectAccount({ ...settings, name: options.account, intake: 'feed' });
  return withStore(settings.mongodb, (store) => use({ store, feed, stream: liveStream(feed.name), temporalAddress }));
}

async function show(context: CommandContext, options: AccountOptions): Promise<ExitCode> {
  const { output } = context;
  const shown = await withScene({ context, options }, ({ store, stream }) => readCursor(store, stream));
  if (options.json) output.printJson(shown);
  else output.print(shown === null ? 'never drained yet' : cursorText(shown));
  return EXIT.done;
}

async function history(context: CommandContext, options: HistoryOptions): Promise<ExitCode> {
  const { output } = context;
  const { limit } = options;
  const places = await withScene({ context, options }, ({ store, stream }) => readHistory({ store, stream, limit }));
  if (options.json) output.printJson(places);
  else if (places.length === 0) output.print('the live drain has passed no place yet');
  else output.printTable(historyTable(places));
  return EXIT.done;
}

async function move(input: {
  context: CommandContext;
  options: MoveOptions;
  plan: (scene: Scene) => Promise<CursorPlan>;
}): Promise<ExitCode> {
  const { context, options } = input;
  const { output } = context;
  const isDryRun = options.dryRun === true;
  const { plan, account } = await withScene({ context, options }, async (scene) => {
    const { store, feed, temporalAddress } = scene;
    if (!isDryRun) await store.requireExactCounts();
    const { reason } = options;
    const move = { store, account: feed.name, plan: () => input.plan(scene), reason, isDryRun, remark: output.warn };
    return {
      plan: await withClient(temporalAddress, (client) => moveCursor({ client, ...move })),
      account: feed.name,
    };
  });
  const { remarks: _, ...shown } = plan;
  if (options.json) output.printJson({ account, ...shown, moved: !isDryRun });
  else output.print(planText({ plan, isDryRun }));
  return EXIT.done;
}
