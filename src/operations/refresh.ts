import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../settings/errors.js';
import { selectAccount } from '../settings/select-account.js';
import type { Account } from '../settings/settings.js';
import type { AnyStoredCall } from '../store/calls/call-document.js';
import type { Store } from '../store/store.js';
import type { RefreshCallInput } from '../workflows/repair/refresh-call.js';
import type { RefreshResult } from '../workflows/repair/repair-progress.js';
import { refuseErased } from './shown-call.js';

/** A call to read again from the source. */
export interface WantedCall {
  readonly store: Pick<Store, 'calls' | 'erasures'>;
  /** Id of the call or of a transaction, as the user gave it. */
  readonly id: string;
  readonly account: Account;
  /** The stored call; null if there is none. */
  readonly before: AnyStoredCall | null;
}

/** Checks an id. @throws UsageError if it cannot be part of a workflow's id */
export function requireId(id: string): void {
  if (/^\P{C}{1,64}$/u.test(id)) return;
  throw new UsageError('a call or transaction id must be 1 to 64 characters without control characters');
}

/**
 * Finds the account of a call, and the stored call.
 * @throws an error if the call was erased, a UsageError if the account is not clear
 */
export async function findWanted({
  store,
  id,
  accounts,
  name,
}: {
  store: Pick<Store, 'calls' | 'erasures'>;
  id: string;
  accounts: readonly Account[];
  name: string | undefined;
}): Promise<WantedCall> {
  // With several accounts and none named, the account that has the call is meant.
  const { calls, erasures } = store;
  const given = name === undefined && accounts.length > 1 ? null : selectAccount({ accounts, name });
  const before = await calls.findOfAnySource({ id, account: given?.name ?? null });
  const account = given ?? selectAccount({ accounts, name: before?.account });
  if (before === null) await refuseErased({ erasures, account: account.name, callId: id });
  return { store, id, account, before };
}

/** Returns the input of the workflow that reads the call again. */
export function refreshInputOf({ id, account: { name: account, source }, before }: WantedCall): RefreshCallInput {
  return before === null
    ? { account, source, id, idOf: 'either' }
    : { account, source, id: before.callId, idOf: 'call' };
}

/** Returns the call as it is stored now. @throws an error if the source did not have it, or nothing could be stored */
export async function requireRefreshed(
  { store: { calls, erasures }, id, account: { name: account }, before }: WantedCall,
  { callId, rows, rejects }: RefreshResult,
): Promise<AnyStoredCall> {
  if (callId === null && before === null) {
    throw new Error(
      `no call of the account ${account} has the id ${id}, nor a transaction with this id: neither stored nor at the source`,
    );
  }
  if (callId === null || rows === 0) {
    throw new Error(
      `the source no longer has the call ${callId ?? before?.callId}, or does not show it to the account ` +
        `${account}: check the account's scope and id. The stored call is unchanged`,
    );
  }
  const after = await calls.findOfAnySource({ id: callId, account });
  if (after !== null) return after;
  await refuseErased({ erasures, account, callId });
  throw new Error(
    `no row that the source returned for the call ${callId} could be stored (${rejects} rejects): see \`callweave rejects list\``,
  );
}

/** Fields that the merge does not own, and fields that change with every write. */
const NOT_TOLD: ReadonlySet<string> = new Set(['transcript', 'revision', 'createdAt', 'updatedAt']);

/** Lists the names of the fields that differ from before; all fields if the call was not stored. */
export function changedFieldsOf(before: AnyStoredCall | null, after: AnyStoredCall): string[] {
  const was = new Map<string, unknown>(Object.entries(before ?? {}));
  return Object.entries(after)
    .filter(([field, value]) => !NOT_TOLD.has(field) && !isDeepStrictEqual(was.get(field), value))
    .map(([field]) => field);
}
