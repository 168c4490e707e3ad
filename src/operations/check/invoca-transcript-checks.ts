import { secondsOf } from '../../domain/durations.js';
import type { CallTransaction, Transaction } from '../../domain/invoca/transaction.js';
import { kindOf } from '../../domain/invoca/transaction-kind.js';
import type { InvocaAccount } from '../../settings/accounts.js';
import { createInvocaTranscripts } from '../../sources/invoca/transcript-client.js';
import type { PacedRequests } from './paced-requests.js';
import type { SeenRows } from './seen-rows.js';
import { notTried, type Findings } from './source-results.js';
import { analysisFinding, transcriptFinding } from './transcript-findings.js';
import type { Finding } from './trials.js';

interface TranscriptsToCheck {
  readonly account: InvocaAccount;
  readonly requests: PacedRequests;
  /** Rows to take a call from, or the reason why there are none. */
  readonly rows: SeenRows;
}

const NO_TRANSCRIPTS =
  'Ask Invoca for the right to transcripts, or set INVOCA_TRANSCRIPTS=off. If only this call is refused, nothing is wrong';
const NO_ANALYSIS =
  'Without it, transcripts have no summary and no sentiment. If you want these, ask Invoca to switch it on';

/** Asks for the transcript and the analysis of the longest call among the rows: it is the likeliest to have them. */
export async function checkInvocaTranscripts({ account, requests, rows }: TranscriptsToCheck): Promise<Findings> {
  if (!account.transcripts.enabled) return both(notTried({ reason: 'transcripts are off (INVOCA_TRANSCRIPTS)' }));
  if (rows.kind === 'skipped') return both(notTried(rows));
  const callId = longestCall(rows.transactions);
  if (callId === null) return both(notTried({ reason: 'no call was seen among the rows' }));

  const transcript = await requests.ask(
    ({ timeoutMs, signal }) => createInvocaTranscripts({ ...account, timeoutMs }).fetchTranscript({ callId, signal }),
    { isForTranscript: true },
  );
  const analysis = await requests.ask(
    ({ timeoutMs, signal }) => createInvocaTranscripts({ ...account, timeoutMs }).fetchAnalysis({ callId, signal }),
    { isForTranscript: true },
  );
  return {
    'source.transcripts': transcriptFinding({ account, callId, asked: transcript, ifRefused: NO_TRANSCRIPTS }),
    'source.analysis': analysisFinding({ account, callId, asked: analysis, ifRefused: NO_ANALYSIS }),
  };
}

function both(finding: Finding): Findings {
  return { 'source.transcripts': finding, 'source.analysis': finding };
}

/** Returns the call with the longest connection, or the longest one if none was connected; null if there is no call. */
function longestCall(transactions: readonly CallTransaction[]): string | null {
  let longest: { callId: string; seconds: number } | null = null;
  for (const { callId, transaction } of transactions) {
    const seconds = talkSeconds(transaction);
    if (kindOf(transaction.type) !== 'call' || (longest !== null && longest.seconds >= seconds)) continue;
    longest = { callId, seconds };
  }
  return longest?.callId ?? null;
}

function talkSeconds({ columns }: Transaction): number {
  const connected = secondsOf(columns['connect_duration']) ?? 0;
  // Weighs less than any time of a connection.
  return connected > 0 ? connected + 1 : (secondsOf(columns['duration']) ?? 0) / 1_000_000;
}
