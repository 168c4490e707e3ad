/** Properties of a code that decide about its alerts. */
interface CodeTraits {
  /** Subject of a condition with this code: an account, the whole installation, or one of both. */
  readonly concerns: 'account' | 'installation' | 'either';
  /** False if it is shown by `status` and `check`, but never posted. */
  readonly isPosted: boolean;
}

const OF_ACCOUNT: CodeTraits = { concerns: 'account', isPosted: true };
const OF_INSTALLATION: CodeTraits = { concerns: 'installation', isPosted: true };
const OF_EITHER: CodeTraits = { concerns: 'either', isPosted: true };

const CODES = {
  'drain-failed': OF_ACCOUNT,
  late: OF_ACCOUNT,
  'schedule-missing': OF_EITHER,
  'schedule-paused': OF_EITHER,
  'unknown-schedules': OF_INSTALLATION,
  'stuck-run': OF_EITHER,
  'backfill-failed': OF_ACCOUNT,
  'backfill-paused': OF_ACCOUNT,
  'transcripts-paused': OF_ACCOUNT,
  'transcripts-unreadable': OF_ACCOUNT,
  'amounts-unreadable': OF_ACCOUNT,
  'time-zone': OF_ACCOUNT,
  'platform-time-zone': OF_ACCOUNT,
  'invoices-incomplete': OF_ACCOUNT,
  rejects: OF_ACCOUNT,
  'alerts-refused': { concerns: 'installation', isPosted: false },
  'build-not-current': OF_INSTALLATION,
  // Only a worker could post it.
  'no-worker': { concerns: 'account', isPosted: false },
} as const satisfies Record<string, CodeTraits>;

/** Kinds of conditions that need a person. Users' scripts rely on these names. */
export type AttentionCode = keyof typeof CODES;

export const ATTENTION_CODES = Object.keys(CODES) as readonly AttentionCode[];

/** A condition that needs a person. */
export interface Attention {
  /** Null if it concerns the whole installation. */
  readonly account: string | null;
  readonly code: AttentionCode;
  /** The problem and what to do about it, without personal data. */
  readonly message: string;
  /** Start of the condition; null if unknown. */
  readonly since: Date | null;
}

/** True if conditions with this code are posted to the alert URL. */
export function isPosted(code: AttentionCode): boolean {
  return CODES[code].isPosted;
}

/** True if a condition with this code may concern an account, or with null the whole installation. */
export function mayConcern(code: AttentionCode, account: string | null): boolean {
  const { concerns } = CODES[code];
  return concerns === 'either' || concerns === (account === null ? 'installation' : 'account');
}
