import { waitResult } from '../requests/account-hold.js';
import { requireAccount, type ActivityDependencies } from '../dependencies.js';
import { type Lane, LANES } from '../../store/transcripts/due-calls.js';
import { lanesToProbe, restsAt, transcriptsStanding } from './transcript-pause.js';
import type { ClaimTranscriptsInput, ClaimTranscriptsResult } from './transcript-types.js';

/** Longer than a look may take, so that a lost child costs time and nothing else. */
const LEASE_MS = 30 * 60_000;
const CLAIM_LIMIT = 500;

const FRESH_LANES: readonly Lane[] = ['fresh', 'analysis'];

/**
 * Claims calls of the account whose transcript is due, fresh ones before old ones. The claim is a lease: nobody else is
 * given the same calls before it runs out. A lane that rests is left out; of one whose rest is over a single call is
 * claimed, as a probe. While all transcripts of the account rest nothing is claimed.
 */
export async function claimTranscripts(
  deps: ActivityDependencies,
  { account, onlyFresh }: ClaimTranscriptsInput,
): Promise<ClaimTranscriptsResult> {
  const { children } = requireAccount(deps.transcripts, account);
  const { rest, state } = await transcriptsStanding(deps, account);
  if (rest !== null) return waitResult(rest);

  const now = deps.now();
  const rests = restsAt(state, now);
  const probes = lanesToProbe(state, now).filter((lane) => lane === 'fresh' || !onlyFresh);
  const closed: readonly Lane[] = [...rests.map(({ lane }) => lane), ...lanesToProbe(state, now)];
  const lanes = (onlyFresh ? FRESH_LANES : LANES).filter((lane) => !closed.includes(lane));
  const claim = { account, now, leaseMs: LEASE_MS, limit: CLAIM_LIMIT, lanes, probes };
  const { claimed, leasedUntil } = await deps.store.transcripts.claim(claim);
  return {
    outcome: 'claimed',
    calls: claimed,
    leasedUntil: leasedUntil.toISOString(),
    isMoreDue: claimed.length >= CLAIM_LIMIT,
    poolSize: children,
    rests,
  };
}
