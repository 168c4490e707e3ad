import { requireAccount, type ActivityDependencies } from './dependencies.js';
import { ANSWERED_403, PAUSE_AFTER_FORBIDDEN, transcriptsStanding } from './transcript-pause.js';
import type { ClaimTranscriptsInput, ClaimTranscriptsResult } from './transcript-types.js';

/** Longer than a look may take, so that a lost child costs time and nothing else. */
const LEASE_MS = 30 * 60_000;
const CLAIM_LIMIT = 500;

const FRESH = { lanes: ['fresh', 'analysis'] } as const;
const PROBE = { lanes: ['fresh', 'old'] } as const;

/**
 * Claims calls of the account whose transcript is due, fresh ones before old ones. The claim is a lease: nobody else is
 * given the same calls before it runs out. While the account's transcripts rest nothing is claimed; after a pause for
 * refusals a single call is, as a probe, and where none is pending one that was refused.
 */
export async function claimTranscripts(
  deps: ActivityDependencies,
  { account, onlyFresh }: ClaimTranscriptsInput,
): Promise<ClaimTranscriptsResult> {
  const { transcripts } = deps.store;
  const { children } = requireAccount(deps.transcripts, account);
  const { rest, state } = await transcriptsStanding(deps, account);
  if (rest !== null) return { outcome: 'wait', until: rest.until.toISOString(), reason: rest.reason };

  const now = deps.now();
  const isProbe = state.forbiddenInARow >= PAUSE_AFTER_FORBIDDEN;
  const limit = isProbe ? 1 : CLAIM_LIMIT;
  const claim = { account, now, leaseMs: LEASE_MS, limit, ...(isProbe ? PROBE : onlyFresh && FRESH) };
  let { claimed, leasedUntil } = await transcripts.claim(claim);
  if (isProbe && claimed.length === 0) {
    await transcripts.retry({ account, status: 'forbidden', reason: ANSWERED_403, now, limit: 1 });
    ({ claimed, leasedUntil } = await transcripts.claim(claim));
  }
  return {
    outcome: 'claimed',
    calls: claimed,
    leasedUntil: leasedUntil.toISOString(),
    isMoreDue: claimed.length === limit && !isProbe,
    poolSize: children,
  };
}
