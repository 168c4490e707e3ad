import { phoneKeyOf } from '../domain/phone-keys.js';
import type { ConcernedCall } from '../store/calls/erasures.js';
import type { Store } from '../store/store.js';

/** What belongs to a privacy request. */
export interface Concerned {
  readonly calls: readonly ConcernedCall[];
  readonly rejectIds: readonly string[];
}

/** Asks for the erasure of a call, or of all calls of a number. */
export interface PrivacyRequest {
  /** Null looks in all accounts. */
  readonly account: string | null;
  readonly callId: string | null;
  /** The last ten digits of the caller's number. */
  readonly fromKey: string | null;
}

/** Finds what belongs to the request. Nothing is erased. */
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
    // A row that could not be read still says in its text whose it is.
    if (callId !== null) return reject.raw.includes(JSON.stringify(callId));
    return fromKey !== null && mentions(reject.raw, fromKey);
  });
  return { calls, rejectIds };
}

/** Erases it for good. The calls come last: if this breaks off and is done again, the rejects are found by them. */
export async function eraseConcerned(
  store: Pick<Store, 'erasures' | 'rejects'>,
  { calls, rejectIds }: Concerned,
): Promise<void> {
  await store.rejects.remove(rejectIds);
  await store.erasures.eraseCalls(
    calls.map(({ id }) => id),
    new Date(),
  );
}

/** Whether a phone number with these last digits stands in the text, however it is written. */
function mentions(text: string, fromKey: string): boolean {
  const numbers = text.match(/\d[\d\s().\/\u2010-\u2015\u2212-]*\d/g) ?? [];
  return numbers.some((number) => phoneKeyOf(number) === fromKey);
}
