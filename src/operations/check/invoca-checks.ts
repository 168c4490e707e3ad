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

/** Checks an account of Invoca, as `checkSource` does: its rows, the zones they show, and its rights to transcripts. */
export async function checkInvoca({ account, store, ...input }: InvocaCheckInput): Promise<CheckResult[]> {
  if (store === null) {
    const skip = notTried(WITHOUT_STORE);
    return resultsOf(account, {
      'source.credentials': skip,
      'source.rows': skip,
      'source.time-zone': skip,
      'source.platform-time-zone': skip,
      'source.transcripts': skip,
      'source.analysis': skip,
    });
  }
  const asking = { account, requests: new PacedRequests({ account, store, ...input }) };
  const { findings, rows } = await checkRows(asking);
  return resultsOf(account, {
    ...findings,
    ...zoneFindings({ account, rows }),
    ...(await checkInvocaTranscripts({ ...asking, rows })),
  });
}
