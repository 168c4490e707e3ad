import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../../settings/errors.js';
import { selectAccount } from '../../settings/select-account.js';
import type { Account } from '../../settings/settings.js';
import type { AnyStoredCall } from '../../store/calls/call-document.js';
import type { CallStore } from '../../store/calls/calls.js';
import { startRefresh } from '../../temporal/runs/refreshes.js';
import type { RefreshCallInput } from '../../workflows/repair/refresh-call.js';
import { refreshLine, refreshProgressQuery, type RefreshResult } from '../../workflows/repair/refresh-progress.js';
import { accountOption, commandSettings, type CommandContext, type CommonOptions } from '../kit/context.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import type { Register } from '../kit/frame.js';
import { followWorkflow } from '../kit/run-workflow.js';
import { shownCall, shownCallText } from './shown-call.js';
import { withStore } from '../../operations/with-store.js';

interface RefreshOptions extends CommonOptions {
  readonly account?: string;
}

/** A call that is to be read again. */
interface Wanted {
  readonly calls: CallStore;
  /** As it was asked for. */
  readonly id: string;
  readonly account: Account;
  /** As it is stored; null where it is not. */
  readonly before: AnyStoredCall | null;
}

export const registerRefresh: Register = (command, context) => {
  command
    .description(
      'Reads one call again from its source, stores what it says, and shows the call and what has changed. ' +
        'Needs a running worker; Ctrl-C leaves it running.',
    )
    .argument('<id>', 'a call id or a transaction id; it need not be stored')
    .addOption(accountOption('the account; may be left out when the call is stored, or only one fits'))
    .action(context.action((id: string, options: RefreshOptions) => refreshCall({ context, id, options })));
};

interface RefreshInput {
  readonly context: CommandContext;
  readonly id: string;
  readonly options: RefreshOptions;
}

async function refreshCall(input: RefreshInput): Promise<ExitCode> {
  const { context, id, options } = input;
  requireId(id);
  const { settings, ...servers } = commandSettings({
    context,
    needs: ['mongodb', 'accounts', 'temporal'],
  });
  return withStore(settings.mongodb, async ({ calls }) => {
    const wanted = await lookUp({ calls, id, accounts: settings.accounts, name: options.account });
    const result = await followWorkflow({
      ...servers,
      output: context.output,
      start: (client) => startRefresh(client, refreshInputOf(wanted)),
      query: refreshProgressQuery,
      progressLine: refreshLine,
      goesOn: 'It is still being read; the same command attaches to it.',
    });
    if (result === null) return EXIT.done;
    show({ ...input, wanted, result, after: await requireRefreshed(wanted, result) });
    return EXIT.done;
  });
}

/** It becomes part of a workflow's id. */
function requireId(id: string): void {
  if (/^\P{C}{1,64}$/u.test(id)) return;
  throw new UsageError('a call or transaction id has 1 to 64 characters, none of them a control character');
}

async function lookUp({
  calls,
  id,
  accounts,
  name,
}: {
  calls: CallStore;
  id: string;
  accounts: readonly Account[];
  name: string | undefined;
}): Promise<Wanted> {
  // Where several are set, the one is meant that has the call.
  const given = name === undefined && accounts.length > 1 ? null : selectAccount({ accounts, name });
  const before = await calls.findOfAnySource({ id, account: given?.name ?? null });
  const account = given ?? selectAccount({ accounts, name: before?.account });
  if (before === null) await refuseErased({ calls, account: account.name, callId: id });
  return { calls, id, account, before };
}

/** There is a document, and it is no call. */
async function refuseErased({ calls, ...call }: { calls: CallStore; account: string; callId: string }): Promise<void> {
  const { account, callId } = call;
  const stored = await calls.stored({ account, callIds: [callId] });
  if (!stored.has(callId)) return;
  throw new Error(
    `the call ${callId} of the account ${account} was erased after a privacy request, and is not read again`,
  );
}

function refreshInputOf({ id, account: { name: account, source }, before }: Wanted): RefreshCallInput {
  return before === null
    ? { account, source, id, idOf: 'either' }
    : { account, source, id: before.callId, idOf: 'call' };
}

/** The call as it is stored now. Throws where the source did not know it, or nothing could be stored. */
async function requireRefreshed(
  { calls, id, account: { name: account }, before }: Wanted,
  { callId, rows, rejects }: RefreshResult,
): Promise<AnyStoredCall> {
  if (callId === null && before === null) {
    throw new Error(
      `no call of the account ${account} has the id ${id}, nor a transaction with this id: neither stored nor at the source`,
    );
  }
  if (callId === null || rows === 0) {
    throw new Error(
      `the source knows nothing of the call ${callId ?? before?.callId} any more, or does not show it to the account ` +
        `${account}: check its scope and id. What is stored is as it was`,
    );
  }
  const after = await calls.findOfAnySource({ id: callId, account });
  if (after !== null) return after;
  await refuseErased({ calls, account, callId });
  throw new Error(
    `nothing the source says of the call ${callId} could be kept (${rejects} rejects): see \`callweave rejects list\``,
  );
}

function show({
  context: { output },
  options,
  wanted: { account, before },
  result,
  after,
}: RefreshInput & { readonly wanted: Wanted; readonly result: RefreshResult; readonly after: AnyStoredCall }): void {
  const changedFields = changedFieldsOf(before, after);
  const shown = shownCall(after);
  if (options.json) {
    output.printJson({ ...shown, changed: changedFields.length > 0, changedFields });
    return;
  }
  const told = before === null ? 'stored for the first time' : changedText(changedFields);
  output.print(`${shownCallText(shown)}\n\nRead again from the source (account ${account.name}): ${told}`);
  if (result.rejects > 0)
    output.warn(`${result.rejects} of what the source says could not be kept: see \`callweave rejects list\``);
}

function changedText(changedFields: readonly string[]): string {
  return changedFields.length === 0 ? 'nothing has changed' : `changed ${changedFields.join(', ')}`;
}

/** What the merge does not own, and what changes with every change. */
const NOT_TOLD: ReadonlySet<string> = new Set(['transcript', 'revision', 'createdAt', 'updatedAt']);

/** Names of the fields that say something else than before; all of them where the call was not stored. */
function changedFieldsOf(before: AnyStoredCall | null, after: AnyStoredCall): string[] {
  const was = new Map<string, unknown>(Object.entries(before ?? {}));
  return Object.entries(after)
    .filter(([field, value]) => !NOT_TOLD.has(field) && !isDeepStrictEqual(was.get(field), value))
    .map(([field]) => field);
}
