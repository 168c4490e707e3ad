import type { InvocaAccount } from '../../settings/accounts.js';
import type { Store } from '../../store/store.js';
import type { CheckResult } from './check-result.js';
import { checkInvocaTranscripts } from './invoca-transcript-checks.js';
import { PacedRequests, WITHOUT_STORE } from './paced-requests.js';
import { checkRows } from './seen-rows.js';
import { notTried, resultsOf } from './source-results.js';
import { zoneFindings } from './zone-checks.js';

interface InvocaCheckInput {
  readonly account: InvocaAccount;
  readonly store: Store | null;
  readonly deadline: Date;
  readonly signal: AbortSignal;
}

/** Checks of an account of Invoca, in the order in which they are shown. */
export const INVOCA_CHECKS = [
  'source.credentials',
  'source.rows',
  'source.time-zone',
  'source.platform-time-zone',
  'source.transcripts',
  'source.analysis',
] as const;

/** Checks an account of Invoca, as `checkSource` does: its rows, the zones they show, and its rights to transcripts. */
export async function checkInvoca({ account, store, ...input }: InvocaCheckInput): Promise<CheckResult[]> {
  if (store === null) {
    return resultsOf(account, Object.fromEntries(INVOCA_CHECKS.map((id) => [id, notTried(WITHOUT_STORE)])));
  }
  const asking = { account, requests: new PacedRequests({ account, store, ...input }) };
  const { findings, rows } = await checkRows(asking);
  return resultsOf(account, {
    ...findings,
    ...zoneFindings({ account, rows }),
    ...(await checkInvocaTranscripts({ ...asking, rows })),
  });
}
