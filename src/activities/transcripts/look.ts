import { isUnfinished } from '../../domain/credira/invoice-polls.js';
import { nextLookAt } from '../../domain/transcripts/transcript.js';
import type { LookOutcome as WrittenOutcome, TranscriptWork } from '../../store/transcripts/transcript-types.js';
import type { Rest } from '../requests/account-hold.js';
import { requireAccount, type ActivityDependencies, type TranscriptAccount } from '../dependencies.js';
import type { LookInput, LookOutcome } from './transcript-types.js';

const NOT_ENDED_REST_MS = 3_600_000;

/** A look under way: what was claimed, as the document has it. */
export interface Look {
  readonly deps: ActivityDependencies;
  readonly account: TranscriptAccount;
  readonly input: LookInput;
  readonly work: TranscriptWork;
}

/** Null where the call's transcript is not this look's to fetch: it was claimed again, fetched, or erased since. */
export async function openLook(deps: ActivityDependencies, input: LookInput): Promise<Look | null> {
  const account = requireAccount(deps.transcripts, input.account);
  const work = await deps.store.transcripts.read({ account: input.account, callId: input.callId });
  // No two claims end at one instant, and whatever ends a look replaces it.
  return work?.transcript.nextAttemptAt?.toISOString() === input.leasedUntil ? { deps, account, input, work } : null;
}

/** Writes what the look came to, unless somebody else has written since. */
export async function finishLook({ deps, input }: Look, outcome: WrittenOutcome): Promise<LookOutcome> {
  const isWritten = await deps.store.transcripts.finishLook({ ...leaseOf(input), outcome, now: deps.now() });
  return isWritten ? outcome.status : 'skipped';
}

/** Plans the next look, or gives up where the deadline is past. */
export async function finishNotReady(look: Look, reason: string): Promise<LookOutcome> {
  const next = plannedLook(look);
  if (next === null) return finishLook(look, { status: 'expired', reason });
  return finishLook(look, { status: 'pending', nextAttemptAt: next, reason });
}

/** Of a transcript that is held: its analysis is asked for again then, or never. */
export async function finishAnalysis({ deps, input }: Look, nextAttemptAt: Date | null): Promise<void> {
  await deps.store.transcripts.finishAnalysis({ ...leaseOf(input), nextAttemptAt });
}

/** Null where the deadline is past. */
export function plannedLook({ work, account, deps }: Look): Date | null {
  const { startedAt, durationSeconds, createdAt } = work;
  return nextLookAt({ startedAt, durationSeconds, createdAt, policy: account.policy, now: deps.now() });
}

/**
 * Of a call that is not over: no look was made, so none is counted. It is due at the next planned look, or in an
 * hour; it expires when a call that old is no longer taken for unfinished.
 */
export async function deferNotEnded(look: Look, reason: string): Promise<LookOutcome> {
  if (!isUnfinished({ ...look.work, result: null }, look.deps.now())) {
    return finishLook(look, { status: 'expired', reason });
  }
  const until = plannedLook(look) ?? new Date(look.deps.now().getTime() + NOT_ENDED_REST_MS);
  return deferLook(look, { until, reason });
}

/** Hands the call back, to be claimed again after the rest; the look does not count. */
export async function deferLook({ deps, input }: Look, { until, reason }: Rest): Promise<LookOutcome> {
  await deps.store.transcripts.defer({ ...leaseOf(input), until, reason });
  return 'deferred';
}

function leaseOf({ account, callId, attempts, leasedUntil }: LookInput) {
  return { account, callId, attempts, leasedUntil: new Date(leasedUntil) };
}
