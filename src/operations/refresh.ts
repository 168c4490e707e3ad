import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../settings/errors.js';
import { selectAccount } from '../settings/select-account.js';
import type { Account } from '../settings/settings.js';
import type { AnyStoredCall } from '../store/calls/call-document.js';
import type { CallStore } from '../store/calls/calls.js';
import type { RefreshCallInput } from '../workflows/repair/refresh-call.js';
import type { RefreshResult } from '../workflows/repair/repair-progress.js';

/** A call that is to be read again. */
export interface WantedCall {
  readonly calls: CallStore;
  /** As it was asked for. */
  readonly id: string;
  readonly account: Account;
  /** As it is stored; null where it is not. */
  readonly before: AnyStoredCall | null;
}

/** @throws UsageError for what cannot be part of a workflow's id */
export function requireId(id: string): void {
  if (/^\P{C}{1,64}$/u.test(id)) return;
  throw new UsageError('a call or transaction id has 1 to 64 characters, none of them a control character');
}

/**
 * Finds the account the call is of, and what is stored of it.
 * @throws an error if the call was erased, a UsageError if the account is not clear
 */
export async function findWanted({
  calls,
  id,
  accounts,
  name,
}: {
  calls: CallStore;
  id: string;
  accounts: readonly Account[];
  name: string | undefined;
}): Promise<WantedCall> {
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

/** What its workflow is to read. */
export function refreshInputOf({ id, account: { name: account, source }, before }: WantedCall): RefreshCallInput {
  return before === null
    ? { account, source, id, idOf: 'either' }
    : { account, source, id: before.callId, idOf: 'call' };
}

/** The call as it is stored now. Throws where the source did not know it, or nothing could be stored. */
export async function requireRefreshed(
  { calls, id, account: { name: account }, before }: WantedCall,
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

/** What the merge does not own, and what changes with every change. */
const NOT_TOLD: ReadonlySet<string> = new Set(['transcript', 'revision', 'createdAt', 'updatedAt']);

/** Names of the fields that say something else than before; all of them where the call was not stored. */
export function changedFieldsOf(before: AnyStoredCall | null, after: AnyStoredCall): string[] {
  const was = new Map<string, unknown>(Object.entries(before ?? {}));
  return Object.entries(after)
    .filter(([field, value]) => !NOT_TOLD.has(field) && !isDeepStrictEqual(was.get(field), value))
    .map(([field]) => field);
}
