import { count } from '../../domain/count.js';
import { isCompletedStatus, mergeCredira, type CrediraCall } from '../../domain/credira/credira-call.js';
import type { CrediraAccount } from '../../settings/accounts.js';
import { createCrediraClient, type CrediraListAnswer } from '../../sources/credira/client.js';
import { createCrediraTranscripts } from '../../sources/credira/transcript-client.js';
import type { Store } from '../../store/store.js';
import type { CheckResult } from './check-result.js';
import { PacedRequests, WITHOUT_STORE, type Asked } from './paced-requests.js';
import { afterFailed, notTried, resultsOf, skipped, unanswered } from './source-results.js';
import { transcriptFinding } from './transcript-findings.js';
import { ok, warning, type Finding } from './trials.js';

export interface CrediraCheckInput {
  readonly account: CrediraAccount;
  readonly store: Store | null;
  readonly deadline: Date;
  readonly signal: AbortSignal;
}

/** Checks of an account of Credira, in the order in which they are shown. */
export const CREDIRA_CHECKS = ['source.credentials', 'source.transcripts'] as const;
type CrediraFindings = Readonly<Record<(typeof CREDIRA_CHECKS)[number], Finding>>;

/** Invoice to ask for if none was asked about before. Credira does not know it, which it says only to a right key. */
const UNKNOWN_INVOICE = 'callweave-check';

const NO_TRANSCRIPTS =
  'Check the rights of CREDIRA_API_KEY and that CREDIRA_BASE_URL has the host of the transcripts, or set ' +
  'CREDIRA_TRANSCRIPTS=off. If only this call is refused, nothing is wrong';

interface Asking {
  readonly account: CrediraAccount;
  readonly requests: PacedRequests;
}

/** Checks an account of Credira, as `checkSource` does, by one invoice and one transcript. */
export async function checkCredira({ account, store, ...input }: CrediraCheckInput): Promise<CheckResult[]> {
  const both = (credentials: Finding, transcripts: Finding): CheckResult[] =>
    resultsOf(account, {
      'source.credentials': credentials,
      'source.transcripts': transcripts,
    } satisfies CrediraFindings);
  if (store === null) return both(notTried(WITHOUT_STORE), notTried(WITHOUT_STORE));

  const requests = new PacedRequests({ account, store, ...input });
  const lastAsked = await requests.readStore(() => store.invoices.lastAsked(account.name));
  if (lastAsked === null) return both(notTried(WITHOUT_STORE), notTried(WITHOUT_STORE));
  const invoiceId = lastAsked.value ?? UNKNOWN_INVOICE;
  const asked = await requests.ask(({ timeoutMs, signal }) =>
    createCrediraClient({ ...account, timeoutMs }).listCalls({ invoiceId, signal }),
  );
  if (asked.kind === 'skipped') return both(notTried(asked), notTried(skipped(asked.reason)));
  const credentials = credentialsFinding({ account, invoiceId, asked });
  return both(credentials, await checkTranscripts({ account, requests }, asked));
}

function credentialsFinding({
  account,
  invoiceId,
  asked,
}: {
  account: CrediraAccount;
  invoiceId: string;
  asked: Exclude<Asked<CrediraListAnswer>, { kind: 'skipped' }>;
}): Finding {
  if (asked.kind === 'failure') {
    const { error } = asked;
    if (error.status !== 400 || invoiceId !== UNKNOWN_INVOICE) return unanswered(error, account);
    return warning(
      `${error.finding} This says nothing about the key: no invoice is known yet, so the id ${invoiceId} was made up`,
      'Give the id of an invoice with `callweave invoices sync`, and check again',
    );
  }
  const { answer } = asked;
  if (answer.kind === 'unknown-invoice')
    return ok(`the API accepts the key; it does not know the invoice ${invoiceId}`);
  const calls = answer.calls.length + answer.rejects.length;
  return ok(`the API accepts the key, and sent ${count(calls, 'call')} of the invoice ${invoiceId}`);
}

async function checkTranscripts(
  { account, requests }: Asking,
  asked: Exclude<Asked<CrediraListAnswer>, { kind: 'skipped' }>,
): Promise<Finding> {
  if (!account.transcripts.enabled) return notTried({ reason: 'transcripts are off (CREDIRA_TRANSCRIPTS)' });
  if (asked.kind === 'failure') return notTried(afterFailed('source.credentials'));
  const { answer } = asked;
  const call = answer.kind === 'calls' ? answer.calls.map(transcribedCall).findLast((each) => each !== null) : null;
  if (call == null) return notTried({ reason: 'no completed call with a transcript was seen' });
  const transcript = await requests.ask(
    ({ timeoutMs, signal }) => createCrediraTranscripts({ ...account, timeoutMs }).fetchTranscript({ ...call, signal }),
    { isForTranscript: true },
  );
  return transcriptFinding({ account, callId: call.callId, asked: transcript, ifRefused: NO_TRANSCRIPTS });
}

interface TranscribedCall {
  readonly callId: string;
  readonly result: string | null;
  readonly url: string;
}

/** Returns what a request for a call's transcript needs; null if the call is not completed or has no transcript. */
function transcribedCall(call: CrediraCall): TranscribedCall | null {
  const { result } = mergeCredira(call);
  const { transcription_url: url } = call.fields;
  return isCompletedStatus(result) && typeof url === 'string' ? { callId: call.callId, result, url } : null;
}
