import { type Lane, LANES } from '../../store/transcripts/due-calls.js';
import { requireAccount, type ActivityDependencies } from '../dependencies.js';
import { runningHold } from '../../store/limits/holds.js';
import { waitResult, type WaitResult } from '../requests/account-hold.js';
import { heldLanes, holdOfAll, lanesToProbe, type HeldLane } from './transcript-holds.js';
import type { ClaimedCall } from '../../domain/transcripts/transcript.js';
import { nextLook } from './next-look.js';

export interface ClaimTranscriptsInput {
  readonly account: string;
  /** True to claim no old calls. */
  readonly onlyFresh: boolean;
  /** True for the dispatcher: claims nothing if it is not wanted, and returns when the next look is due. */
  readonly isAhead?: boolean;
}

/**
 * `calls` is empty if no call is due, except in lanes on hold. `isMoreDue`: the claim reached its limit, so claim
 * again. `poolSize`: number of looks to run at once. `nextLook`: when one is due soon, if none was claimed. `pauseMs`:
 * the shortest time between two claims that find some. `wait`: the account, or all its transcripts, are on hold.
 */
export type ClaimTranscriptsResult =
  | {
      readonly outcome: 'claimed';
      readonly calls: readonly ClaimedCall[];
      readonly leasedUntil: string;
      readonly isMoreDue: boolean;
      readonly poolSize: number;
      readonly rests?: readonly HeldLane[];
      readonly nextLook?: string | null;
      readonly pauseMs?: number;
    }
  | WaitResult;

/** Longer than a look may take, so that a lost child costs only time. */
const LEASE_MS = 30 * 60_000;
const CLAIM_LIMIT = 500;

const FRESH_LANES: readonly Lane[] = ['fresh', 'analysis'];

/**
 * Claims up to 500 calls of the account whose transcript is due, fresh ones before old ones. The claim is a lease: no
 * other claim returns the same calls before it expires. Skips lanes on hold. From a lane whose hold has ended, claims a
 * single call as a probe. Claims nothing while the account or all its transcripts are on hold.
 */
export async function claimTranscripts(
  deps: ActivityDependencies,
  { account, onlyFresh, isAhead = false }: ClaimTranscriptsInput,
): Promise<ClaimTranscriptsResult> {
  const { children, dispatcher } = requireAccount(deps.transcripts, account);
  const now = deps.now();
  if (isAhead && !(await dispatcher.isWanted())) return nothingClaimed(now, children);
  const { hold, transcripts: state } = await deps.store.limits.readAll(account);
  const running = runningHold(hold, now) ?? holdOfAll(state, now);
  if (running !== null) return waitResult(running);

  const held = heldLanes(state, now);
  const toProbe = lanesToProbe(state, now);
  const probes = toProbe.filter((lane) => lane === 'fresh' || !onlyFresh);
  const closed: readonly Lane[] = [...held.map(({ lane }) => lane), ...toProbe];
  const lanes = (onlyFresh ? FRESH_LANES : LANES).filter((lane) => !closed.includes(lane));
  const claim = { account, now, leaseMs: LEASE_MS, limit: CLAIM_LIMIT, lanes, probes };
  const { claimed, leasedUntil } = await deps.store.transcripts.claim(claim);
  const isLast = isAhead && claimed.length === 0 && !onlyFresh;
  const next = isLast ? await nextLook(deps, { account, now, hold, state }) : null;
  return {
    outcome: 'claimed',
    calls: claimed,
    leasedUntil: leasedUntil.toISOString(),
    isMoreDue: claimed.length >= CLAIM_LIMIT,
    poolSize: children,
    rests: held,
    ...(isAhead && {
      nextLook: next?.toISOString() ?? null,
      pauseMs: dispatcher.pauseMs,
    }),
  };
}

function nothingClaimed(now: Date, poolSize: number): ClaimTranscriptsResult {
  return { outcome: 'claimed', calls: [], leasedUntil: now.toISOString(), isMoreDue: false, poolSize };
}
