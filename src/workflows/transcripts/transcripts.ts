import { condition, proxyActivities, setCurrentDetails, setHandler, executeChild, log } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { StoreActivities } from '../../activities/store-activities.js';
import { handOver } from '../hand-over.js';
import { storeActivityOptions, LOOK_EXECUTION_TIMEOUT } from '../policies.js';
import { createPool } from '../pool.js';
import { createNextLook } from './next-look.js';
import { untilAnswered } from '../until-answered.js';
import { type TranscriptInput, transcript } from './transcript.js';
import {
  countLook,
  transcriptsDetails,
  transcriptsResultDetails,
  transcriptsProgressQuery,
  type LookCounts,
  type TranscriptsProgress,
  type TranscriptsResult,
} from './transcripts-progress.js';
import type { LookReport } from '../../activities/transcripts/look.js';
import { searchAttributesOf, transcriptWorkflowId } from '../ids.js';

/** Keeps a run below the 4,096 events at which Temporal suggests a new one: a look costs it about five. */
const MAX_LOOKS_PER_RUN = 600;

/** Longest time a due fresh call waits while claimed old calls are looked at. */
const FRESH_CLAIM_INTERVAL = '1 minute';

export interface TranscriptsInput {
  readonly account: string;
  /**
   * `once`, the default: completes if no look is due. `ahead`: the dispatcher, which stays while a look is due soon,
   * and completes if the account's schedule is paused or missing. `wake`: starts or wakes the dispatcher if a look is
   * due soon, and makes looks itself only if the dispatcher may not run.
   */
  readonly mode?: 'once' | 'ahead' | 'wake';
  readonly maxLooksPerRun?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly looks?: LookCounts;
}

/**
 * Looks for every due transcript of the account, each in its own child workflow, a bounded number at once, and claims
 * more while they run. When it completes, no transcript was due except in lanes on hold. All children have ended when
 * it completes or continues as new. The dispatcher sleeps until the next look instead, if that is soon.
 */
export async function transcripts(input: TranscriptsInput): Promise<TranscriptsResult> {
  const { account, mode, looks: earlier = {} } = input;
  const { claimTranscripts, wakeDispatcher } = proxyActivities<StoreActivities>(storeActivityOptions);
  if (mode === 'wake' && (await wakeDispatcher({ account }))) return { account, looks: earlier, rests: [] };
  let progress: TranscriptsProgress = { ...NOTHING_YET, account, looks: earlier };
  const report = (changes: Partial<TranscriptsProgress>): void => {
    progress = { ...progress, ...changes };
    setCurrentDetails(transcriptsDetails(progress));
  };
  setHandler(transcriptsProgressQuery, () => progress);
  const nextLook = createNextLook((at) => report({ nextLook: at }));
  const pool = createPool<TranscriptInput>({
    urgency: ({ lane }) => (lane === 'fresh' ? 0 : 1),
    use: async (look) => {
      report({ inFlight: progress.inFlight + 1 });
      const outcome = await lookAtTranscript(look);
      report({ inFlight: progress.inFlight - 1, looks: countLook(progress.looks, outcome) });
    },
  });

  for (let looks = 0; looks < (input.maxLooksPerRun ?? MAX_LOOKS_PER_RUN);) {
    const claim = await untilAnswered({
      call: async () => {
        const at = { wasIdle: pool.isIdle(), onlyFresh: pool.hasEnough() };
        nextLook.claimBegins();
        const claiming = { account, onlyFresh: at.onlyFresh, ...(mode === 'ahead' && { isAhead: true }) };
        return { ...at, ...(await claimTranscripts(claiming)) };
      },
      show: (waiting) => report({ waiting }),
    });
    if (claim === null) break;
    // Histories recorded before lanes could be on hold have no `rests`.
    const { calls, leasedUntil, poolSize, wasIdle, onlyFresh, rests = [] } = claim;
    report({ rests });
    if (calls.length === 0 && wasIdle) {
      if (mode === 'ahead' && (await nextLook.sleep(claim))) continue;
      return finish({ account, looks: progress.looks, rests });
    }
    if (calls.length > 0) nextLook.claimFound();
    looks += calls.length;
    pool.add({ items: calls.map((call) => ({ ...call, account, leasedUntil })), size: poolSize });
    const isMoreDue = onlyFresh || claim.isMoreDue;
    await condition(() => (isMoreDue ? !pool.hasEnough() : pool.isIdle()), FRESH_CLAIM_INTERVAL);
  }
  await condition(() => pool.isIdle());
  return handOver<typeof transcripts>({ ...input, looks: progress.looks });
}

const NOTHING_YET = { inFlight: 0, waiting: null, nextLook: null, rests: [] } as const;

function finish(result: TranscriptsResult): TranscriptsResult {
  setCurrentDetails(transcriptsResultDetails(result));
  return result;
}

/**
 * Runs the look in its own child workflow. The call of a child that failed, was terminated or timed out is due again
 * when its lease expires. Returns `skipped` if another run has already started the child. Never throws.
 */
async function lookAtTranscript(input: TranscriptInput): Promise<LookReport | 'failed'> {
  const { account, callId, attempts, lane } = input;
  try {
    return await executeChild(transcript, {
      args: [input],
      workflowId: transcriptWorkflowId({ account, callId }),
      workflowExecutionTimeout: LOOK_EXECUTION_TIMEOUT,
      typedSearchAttributes: searchAttributesOf({ account, mode: 'transcript' }),
      staticSummary: `Transcript: ${account}, ${lane} call, look ${attempts + 1}`,
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'skipped';
    log.warn('a look at a transcript did not complete; its call is due again when the lease expires', { callId });
    return 'failed';
  }
}
