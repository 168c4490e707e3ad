import { NO_ROOM, type LookDecision, type LookUnderWay, type LookOutcome } from '../../domain/transcripts/outcome.js';
import { StoreError } from '../../store/errors.js';
import type { TranscriptWork } from '../../store/transcripts/transcript-types.js';
import { requireAccount, type ActivityDependencies, type TranscriptAccount } from '../dependencies.js';

export interface LookInput {
  readonly account: string;
  readonly callId: string;
  /** Number of looks before this one. */
  readonly attempts: number;
  /** Names the claim (ISO instant). If the document has another instant, the call belongs to another claim. */
  readonly leasedUntil: string;
}

/**
 * Result of a look: the status it found; `analysis` if the transcript was already stored and only its analysis was
 * asked for; `deferred` if the source did not answer, which does not count as a look; `skipped` if the call was claimed
 * again, fetched or erased since, or another look for it is running.
 */
export type LookReport = LookOutcome['status'] | 'analysis' | 'deferred' | 'skipped';

/** A look in progress: the claimed call and what its document holds. */
export interface Look {
  readonly deps: ActivityDependencies;
  readonly account: TranscriptAccount;
  readonly lease: Omit<LookInput, 'leasedUntil'> & { readonly leasedUntil: Date };
  readonly work: TranscriptWork;
}

/** Reads the call of a look. Null if it was claimed again, fetched or erased since the claim. */
export async function openLook(deps: ActivityDependencies, input: LookInput): Promise<Look | null> {
  const account = requireAccount(deps.transcripts, input.account);
  const work = await deps.store.transcripts.read({ account: input.account, callId: input.callId });
  // No two claims end at the same instant, and the end of a look replaces the instant.
  if (work?.transcript.nextAttemptAt?.toISOString() !== input.leasedUntil) return null;
  const { callId, attempts, leasedUntil } = input;
  const lease = { account: account.name, callId, attempts, leasedUntil: new Date(leasedUntil) };
  return { deps, account, work, lease };
}

/** Collects what decides the outcome of a look. `analysisBy`: null if the analysis will not be asked for. */
export function underWay({ deps, account, lease, work }: Look, analysisBy: Date | null = null): LookUnderWay {
  return { ...work, policy: account.policy, attempts: lease.attempts, now: deps.now(), analysisBy };
}

/** Writes the decision, unless the lease of the call has changed since the claim. */
export async function settle({ deps, lease }: Look, decision: LookDecision): Promise<LookReport> {
  const { transcripts } = deps.store;
  if (decision.kind === 'defer') {
    await transcripts.defer({ ...lease, ...decision });
    return 'deferred';
  }
  const finish = async (outcome: typeof decision.outcome): Promise<LookReport> => {
    const isWritten = await transcripts.finishLook({ ...lease, outcome, now: deps.now() });
    return isWritten ? outcome.status : 'skipped';
  };
  try {
    return await finish(decision.outcome);
  } catch (error) {
    const isTooLarge = decision.outcome.status === 'available' && error instanceof StoreError && !error.retryable;
    if (!isTooLarge) throw error;
    return finish(NO_ROOM);
  }
}
