import type { Source } from '../../domain/call.js';
import { count } from '../../domain/count.js';
import { harmlessLine } from '../../process/harmless-text.js';
import { UsageError } from '../../settings/errors.js';
import { hasIntake, selectAccount } from '../../settings/select-account.js';
import type { InvocaAccount, Settings } from '../../settings/settings.js';
import type { Reject, RejectSummary } from '../../store/feed/rejects.js';
import {
  commandSettings,
  storeSettings,
  type CommandContext,
  type CommonOptions,
  type AccountOptions,
  type Register,
} from '../kit/context.js';
import { withDocuments } from '../kit/documents.js';
import { withExamples, accountOption, onlyAccountOption } from '../kit/help.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import { startLooks, replayRejects, requireReject, type ReplayResult } from '../../operations/rejects.js';
import { aligned, section, type Field } from '../kit/text.js';
import { withStore, withStoreToWrite } from '../../operations/with-store.js';

/** Characters of an id that the table shows: enough to tell ids apart. */
const SHORT_ID = 12;
const ID_TEXT = 'id that `rejects list` shows, or its beginning';

export const register: Register = (command, context) => {
  const listCommand = command
    .command('list')
    .description('List the rows that could not become part of a call, with the reasons, newest first.')
    .addOption(onlyAccountOption())
    .action(context.action((options: AccountOptions) => list(context, options)));
  const showCommand = command
    .command('show')
    .description('Show one rejected row as the source sent it.')
    .argument('<id>', ID_TEXT)
    .action(context.action((id: string, options: CommonOptions) => show({ context, options, id })));
  withExamples(command, { reads: ['callweave rejects list'] });
  withExamples(listCommand, { reads: ['callweave rejects list', 'callweave rejects list --account sample'] });
  withExamples(showCommand, { others: ['callweave rejects show 5f1d2c9a04b7'] });
  const replayCommand = command
    .command('replay')
    .description(
      'Process rejected rows again, for example after an upgrade of callweave. Rows that can be read now become part of ' +
        'their calls; the others stay. Needs no worker. Exit code 3 if some still cannot be read.',
    )
    .argument('[ids...]', `${ID_TEXT} (default: all rejects of the account)`)
    .addOption(accountOption())
    .action(context.action((ids: string[], options: AccountOptions) => replay({ context, options, prefixes: ids })));
  withExamples(replayCommand, { others: ['callweave rejects replay', 'callweave rejects replay 5f1d2c9a04b7'] });
};

async function list(context: CommandContext, options: AccountOptions): Promise<ExitCode> {
  const { output } = context;
  const { mongodb, account } = storeSettings({ context, name: options.account });
  const rejects = await withStore(mongodb, (store) => store.rejects.list(account));
  if (options.json) output.printJson(rejects);
  else if (rejects.length === 0) output.print('no rejects');
  else output.printTable({ head: ['id', 'account', 'transaction', 'seen', 'reason'], rows: rejects.map(tableRow) });
  return EXIT.done;
}

function tableRow({ id, account, transactionId, seenAt, reason }: RejectSummary): string[] {
  return [id.slice(0, SHORT_ID), account, transactionId ?? '', seenAt.toISOString(), reason];
}

async function show(input: { context: CommandContext; options: CommonOptions; id: string }): Promise<ExitCode> {
  const { context, options, id } = input;
  const { settings } = commandSettings({ context, needs: ['mongodb'] });
  const reject = await withStore(settings.mongodb, (store) => requireReject(store, id));
  if (options.json) context.output.printJson(reject);
  else context.output.print(rejectText(reject));
  return EXIT.done;
}

function rejectText({ id, account, page, callId, transactionId, seenAt, reason, raw }: Reject): string {
  const fields: Field[] = [
    ['account', account],
    ['page', page],
    ['call', callId ?? 'unknown'],
    ['transaction', transactionId ?? 'unknown'],
    ['seen', seenAt.toISOString()],
    ['reason', reason],
  ];
  return [...section(id, aligned(fields).map(harmlessLine)), '', raw].join('\n');
}

async function replay(input: {
  context: CommandContext;
  options: AccountOptions;
  prefixes: readonly string[];
}): Promise<ExitCode> {
  const { context, options, prefixes } = input;
  const { settings, temporalAddress } = commandSettings({ context, needs: ['mongodb', 'accounts'] });
  const result = await withStoreToWrite(settings.mongodb, async (store) => {
    const chosen = await Promise.all(prefixes.map((prefix) => requireReject(store, prefix)));
    const feed = feedOf({ settings, name: options.account, chosen });
    const rejects = chosen.length > 0 ? chosen : await store.rejects.list(feed.name);
    return replayRejects({ store, feed, ids: [...new Set(rejects.map(({ id }) => id))], now: () => new Date() });
  });
  if (result.calls > 0 && !(await startLooks(temporalAddress, result.account))) {
    context.output.note('Temporal did not answer: the schedule finds due transcripts of these calls within 15 minutes');
  }
  if (options.json) context.output.printJson(withDocuments(result));
  else context.output.print(replayText(result));
  return result.kept > 0 ? EXIT.needsPerson : EXIT.done;
}

/** Command that reads the calls again, for each source that has no rows. */
const READ_AGAIN_BY = {
  credira: '`callweave invoices sync`',
} satisfies Record<Exclude<Source, InvocaAccount['source']>, string>;

/**
 * Returns the account of the given rejects, or the account of `--account`.
 * @throws UsageError if they are of several accounts, or the account has no rows
 */
function feedOf(input: {
  settings: Pick<Settings, 'accounts'>;
  name: string | undefined;
  chosen: readonly Reject[];
}): InvocaAccount {
  const { settings, name, chosen } = input;
  const names = new Set([...(name === undefined ? [] : [name]), ...chosen.map(({ account }) => account)]);
  if (names.size > 1)
    throw new UsageError(
      `the rejects are of several accounts (${[...names].join(', ')}): replay those of one account at a time`,
    );
  const [wanted] = names;
  if (wanted === undefined) return selectAccount({ ...settings, name: wanted, intake: 'feed' });
  const account = selectAccount({ ...settings, name: wanted });
  if (hasIntake(account, 'feed')) return account;
  throw new UsageError(`${account.name} has no rows to replay: ${READ_AGAIN_BY[account.source]} reads its calls again`);
}

function replayText({ account, stored, kept, calls }: ReplayResult): string {
  const still = kept === 0 ? '' : `; ${count(kept)} still cannot be read, see \`callweave rejects list\``;
  return `${account}: ${count(stored, 'row')} stored with their calls, ${count(calls, 'document')} written${still}`;
}
