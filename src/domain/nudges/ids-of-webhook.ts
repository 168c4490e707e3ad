import type { NudgedIds } from './nudged-ids.js';

/** Names and values in their order, for formats in which a name may occur more than once: a form, a query, XML. */
export class NamedValues {
  constructor(readonly pairs: Iterable<readonly [name: string, value: unknown]>) {}
}

/** Ids that a webhook names, and the number of values that name none. */
export interface WebhookIds {
  readonly ids: NudgedIds;
  /** Values under the names of ids that are no ids, and distinct ids over the limit. */
  readonly ignored: number;
}

/** The greatest depth of objects and lists that are looked into. The outermost one has depth 1. */
const MAX_DEPTH = 8;
const MAX_IDS = 100;

type Kind = 'call' | 'transaction';

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['completecallid', 'call'],
  ['callrecordid', 'call'],
  ['callid', 'call'],
  ['transactionid', 'transaction'],
]);
/** Longer than any spelling of a name with a few underscores. Longer names are not looked at. */
const LONGEST_NAME = 64;

/**
 * Finds ids in the parts of a webhook, which may be its body (read from JSON, or {@link NamedValues}) and its query.
 * An object with a call id and a transaction id names the call only. No other value is kept.
 */
export function idsOfWebhook(parts: readonly unknown[]): WebhookIds {
  const found: Found = { call: new Set(), transaction: new Set(), ignored: 0 };
  for (const part of parts) search(part, 1, found);
  const callIds = [...found.call].slice(0, MAX_IDS);
  const transactionIds = [...found.transaction].slice(0, MAX_IDS - callIds.length);
  const surplus = found.call.size + found.transaction.size - callIds.length - transactionIds.length;
  return { ids: { callIds, transactionIds }, ignored: found.ignored + surplus };
}

interface Found {
  readonly call: Set<string>;
  readonly transaction: Set<string>;
  ignored: number;
}

/** Searches an object or a list and everything in it. Any other value is not under the name of an id. */
function search(value: unknown, depth: number, found: Found): void {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  if (Array.isArray(value)) {
    for (const item of value) search(item, depth + 1, found);
    return;
  }
  const own: Found = { call: new Set(), transaction: new Set(), ignored: 0 };
  const pairs = value instanceof NamedValues ? value.pairs : Object.entries(value);
  for (const [name, member] of pairs) {
    const kind = kindOf(name);
    if (kind !== undefined) take({ member, kind, depth, found: own });
    search(member, depth + 1, found);
  }
  found.ignored += own.ignored;
  for (const id of own.call) found.call.add(id);
  if (own.call.size === 0) for (const id of own.transaction) found.transaction.add(id);
}

function kindOf(name: string): Kind | undefined {
  return name.length > LONGEST_NAME ? undefined : KINDS.get(name.replaceAll('_', '').toLowerCase());
}

interface NamedMember {
  readonly member: unknown;
  readonly kind: Kind;
  /** Depth of the object that holds the member. */
  readonly depth: number;
  readonly found: Found;
}

/** Takes the ids of a value under the name of an id: the value itself, or the items of a list. */
function take({ member, kind, depth, found }: NamedMember): void {
  if (Array.isArray(member)) {
    if (depth < MAX_DEPTH) for (const item of member) take({ member: item, kind, depth: depth + 1, found });
    return;
  }
  if (typeof member === 'object' && member !== null) return;
  const id = idOf(member);
  if (id === null) found.ignored += 1;
  else found[kind].add(id);
}

/** Returns an id; null if the value is none. A number is one if JSON cannot have changed its digits. */
function idOf(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? idOf(String(value)) : null;
  return typeof value === 'string' && /^[0-9A-Za-z_-]{1,64}$/.test(value) && !isLikePhoneNumber(value) ? value : null;
}

/** True for 7 to 15 digits with separators only: a phone number in the wrong field. */
function isLikePhoneNumber(text: string): boolean {
  return /^[_-]*(?:\d[_-]*){7,15}$/.test(text);
}
