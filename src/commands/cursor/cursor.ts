import { InvalidArgumentError, Option, type Command } from 'commander';
import { moveCursor } from '../../operations/cursor/move-cursor.js';
import { planRewind, planSet, type CursorPlan } from '../../operations/cursor/plan-move.js';
import { readCursor, readHistory } from '../../operations/cursor/show-cursor.js';
import { selectAccount } from '../../settings/select-account.js';
import type { InvocaAccount } from '../../settings/settings.js';
import { withClient, type TemporalAddress } from '../../temporal/server/connect.js';
import type { Store } from '../../store/store.js';
import { liveStream } from '../../workflows/ids.js';
import { accountOption, commandSettings, type CommandContext, type CommonOptions } from '../kit/context.js';
import { cursorText, historyTable, planText } from './cursor-text.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import type { Register } from '../kit/frame.js';
import { withStore } from '../../operations/with-store.js';

const DEFAULT_HISTORY_LIMIT = 100;
const MOST_PLACES = 100_000;

interface AccountOptions extends CommonOptions {
  readonly account?: string;
}

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

/** What a command about one account's cursor has at hand. */
interface Scene {
  readonly store: Store;
  readonly feed: InvocaAccount;
  readonly stream: string;
  readonly temporalAddress: TemporalAddress;
}

export const registerCursor: Register = (command, context) => {
  command
    .command('show')
    .description('Shows how far the live feed of the account is safely written.')
    .addOption(accountOption())
    .action(context.action((options: AccountOptions) => show(context, options)));
  command
    .command('history')
    .description(
      'Lists the places the live drain has passed, newest first, which `rewind --to` goes back to; and among them when, ' +
        'by whom and why the cursor was moved by hand (the last 100 times).',
    )
    .addOption(accountOption())
    .addOption(new Option('--limit <places>', 'how many at most').argParser(readLimit).default(DEFAULT_HISTORY_LIMIT))
    .action(context.action((options: HistoryOptions) => history(context, options)));
  moveOptions(command.command('set'), 'set')
    .description(
      'Moves the cursor behind a transaction: the next drain reads what comes after it. Rows skipped so are noted as a ' +
        'gap of the coverage. Refused while a drain of the account runs.',
    )
    .argument('<id>', 'a transaction id')
    .action(
      context.action((id: string, options: MoveOptions) =>
        move({ context, options, plan: (scene) => planSet({ ...wishOf(scene), id, now: new Date() }) }),
      ),
    );
  moveOptions(command.command('rewind'), 'rewind')
    .description(
      'Moves the cursor back, so that the next drain reads again what comes after it. That changes nothing that is ' +
        'stored right. Refused while a drain of the account runs.',
    )
    .requiredOption(
      '--to <id-or-time>',
      'a transaction id the live drain has passed; or a time: all calls that began then or later are read again',
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
};

function moveOptions(command: Command, name: string): Command {
  return command
    .addOption(accountOption())
    .option('--reason <text>', 'kept with the change', `by callweave cursor ${name}`)
    .option('--dry-run', 'say what would be done, and do nothing');
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= MOST_PLACES) return limit;
  throw new InvalidArgumentError(`It takes a number from 1 to ${MOST_PLACES}.`);
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
