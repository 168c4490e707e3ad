import { NO_ROOM, type LookDecision, type LookUnderWay, type LookOutcome } from '../../domain/transcripts/outcome.js';
import { StoreError } from '../../store/errors.js';
import type { TranscriptWork } from '../../store/transcripts/transcript-types.js';
import { requireAccount, type ActivityDependencies, type TranscriptAccount } from '../dependencies.js';

export interface LookInput {
  readonly account: string;
  readonly callId: string;
  /** Looks made before this one. */
  readonly attempts: number;
  /** Names the claim: whoever finds another instant in the document leaves the call alone. */
  readonly leasedUntil: string;
}

/**
 * What became of a look: the status it found; `analysis` if the transcript was held already and only its analysis was
 * asked for; `deferred` if the source did not answer, which uses up no look; or `skipped` if the call is not, or no
 * longer, this look's to make.
 */
export type LookReport = LookOutcome['status'] | 'analysis' | 'deferred' | 'skipped';

/** A look under way: what was claimed, as the document has it. */
export interface Look {
  readonly deps: ActivityDependencies;
  readonly account: TranscriptAccount;
  readonly lease: Omit<LookInput, 'leasedUntil'> & { readonly leasedUntil: Date };
  readonly work: TranscriptWork;
}

/** Null if the call's transcript is not this look's to fetch: it was claimed again, fetched, or erased since. */
export async function openLook(deps: ActivityDependencies, input: LookInput): Promise<Look | null> {
  const account = requireAccount(deps.transcripts, input.account);
  const work = await deps.store.transcripts.read({ account: input.account, callId: input.callId });
  // No two claims end at one instant, and whatever ends a look replaces it.
  if (work?.transcript.nextAttemptAt?.toISOString() !== input.leasedUntil) return null;
  const { callId, attempts, leasedUntil } = input;
  const lease = { account: account.name, callId, attempts, leasedUntil: new Date(leasedUntil) };
  return { deps, account, work, lease };
}

/** What the answer to this look is judged by. */
export function underWay({ deps, account, lease, work }: Look, analysisBy: Date | null = null): LookUnderWay {
  return { ...work, policy: account.policy, attempts: lease.attempts, now: deps.now(), analysisBy };
}

/** Writes what was decided, unless somebody else has written since. */
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
