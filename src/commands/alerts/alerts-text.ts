import { isMuted, type AlertRecord, type AlertState } from '../../domain/alerts/alert-record.js';
import type { AttentionCode } from '../../domain/alerts/attention.js';
import { secondText } from '../../domain/shown-times.js';
import type { MutedAlert } from '../../operations/alerts/mute-alerts.js';

/** One alert, as `--json` shows it. */
export interface ShownAlert {
  readonly account: string | null;
  readonly code: AttentionCode;
  readonly state: AlertState;
  readonly message: string | null;
  readonly since: Date | null;
  /** Instant of the last post that arrived; null if none did yet. */
  readonly toldAt: Date | null;
  /** Null if it is not muted now. */
  readonly mutedUntil: Date | null;
  /** Reason why a post has not arrived yet, such as "503"; null if none has failed. */
  readonly trouble: string | null;
}

export function shownAlert(record: AlertRecord, now: Date): ShownAlert {
  const { account, code, state, message, since, toldAt, post } = record;
  const mutedUntil = isMuted(record, now) ? record.mutedUntil : null;
  return { account, code, state, message, since, toldAt, mutedUntil, trouble: post?.trouble ?? null };
}

/** Sorts what is raised first; otherwise the order stays. */
export function sortedForPerson(records: readonly AlertRecord[]): AlertRecord[] {
  const rank = ({ state }: AlertRecord): number => (state === 'raised' ? 0 : 1);
  return [...records].sort((a, b) => rank(a) - rank(b));
}

export function alertRow({ account, code, state, message, since, toldAt, mutedUntil, trouble }: ShownAlert): string[] {
  const told = toldAt === null ? neverTold(state) : secondText(toldAt);
  return [
    account ?? '',
    code,
    state,
    textOf(since),
    [told, ...(trouble === null ? [] : [`(${trouble})`])].join(' ').trim(),
    textOf(mutedUntil),
    message ?? '',
  ];
}

/** Returns nothing for what was muted and never raised: there is nothing to tell. */
function neverTold(state: AlertRecord['state']): string {
  return state === 'raised' ? 'not yet' : '';
}

export function mutedLine({ account, code, mutedUntil }: MutedAlert): string {
  const subject = account === null ? code : `${account}: ${code}`;
  return mutedUntil === null ? `${subject} is not muted` : `${subject} is muted until ${secondText(mutedUntil)}`;
}

function textOf(at: Date | null): string {
  return at === null ? '' : secondText(at);
}
