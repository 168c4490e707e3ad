import { phoneKeyOf } from '../domain/phone-keys.js';
import { operatorName } from '../process/operator.js';
import type { ConcernedCall } from '../store/calls/erasures.js';
import type { Store } from '../store/store.js';

/** Calls and rejects that a privacy request is about. */
export interface Concerned {
  readonly calls: readonly ConcernedCall[];
  readonly rejectIds: readonly string[];
}

/** A request to erase a call, or all calls of a number. */
export interface PrivacyRequest {
  /** Null for all accounts. */
  readonly account: string | null;
  readonly callId: string | null;
  /** The last ten digits of the caller's number. */
  readonly fromKey: string | null;
}

/** Finds the calls and rejects that the request is about. Erases nothing. */
export async function findConcerned(
  store: Pick<Store, 'erasures'>,
  { account, callId, fromKey }: PrivacyRequest,
): Promise<Concerned> {
  const calls = [
    ...(callId === null ? [] : await store.erasures.findCalls({ account, callId })),
    ...(fromKey === null ? [] : await store.erasures.findCalls({ account, fromKey })),
  ];
  const names = new Set(
    calls.flatMap((call) => [call.callId, ...call.transactionIds].map((id) => `${call.account}:${id}`)),
  );
  const rejectIds = await store.erasures.findRejects(account, (reject) => {
    const ids = [reject.callId, reject.transactionId].filter((id) => id !== null);
    if (ids.some((id) => names.has(`${reject.account}:${id}`))) return true;
    // A row that could not be read may still name the call or the caller in its text.
    if (callId !== null) return reject.raw.includes(JSON.stringify(callId));
    return fromKey !== null && mentions(reject.raw, fromKey);
  });
  return { calls, rejectIds };
}

/**
 * Erases them for good, the calls last: if this breaks off, the next attempt finds the rejects by their calls. Notes
 * before the first that they will be erased, and after the last that they are.
 */
export async function eraseConcerned(
  store: Pick<Store, 'erasures'> & {
    readonly rejects: Pick<Store['rejects'], 'remove'>;
    readonly erasureLog: Pick<Store['erasureLog'], 'begin' | 'finish' | 'finishErased'>;
  },
  { calls, rejectIds }: Concerned,
): Promise<void> {
  const ids = calls.map(({ id }) => id);
  const at = new Date();
  const lines = await store.erasureLog.begin({ at, by: operatorName(), calls: ids, rejects: rejectIds.length });
  await store.rejects.remove(rejectIds);
  await store.erasures.eraseCalls(ids, at);
  await store.erasureLog.finish(lines, new Date());
  await store.erasureLog.finishErased(new Date());
}

/** True if the text contains a phone number with these last digits, however it is written. */
function mentions(text: string, fromKey: string): boolean {
  const numbers = text.match(/\d[\d\s().\/\u2010-\u2015\u2212-]*\d/g) ?? [];
  return numbers.some((number) => phoneKeyOf(number) === fromKey);
}
