import type { AnalysisAnswer, TranscriptAnswer } from '../../domain/transcripts/answers.js';
import type { Account } from '../../settings/accounts.js';
import type { Asked } from './paced-requests.js';
import { clause, notTried, unanswered } from './source-results.js';
import { failed, ok, warning, type Finding } from './trials.js';

interface AskedCall<Answer> {
  readonly account: Account;
  readonly callId: string;
  readonly asked: Asked<Answer>;
  /** Advice if the source refuses. */
  readonly ifRefused: string;
}

const LOOK_FOR_PROXY = 'Try again. If this continues, look for a proxy that changes answers';

/** Makes the finding of a request for a transcript. An answer without one shows that the account may ask for it. */
export function transcriptFinding(call: AskedCall<TranscriptAnswer>): Finding {
  const { asked, callId, ifRefused } = call;
  if (asked.kind !== 'answer') return withoutAnswer(call, asked);
  const { answer } = asked;
  switch (answer.kind) {
    case 'ready':
      return ok(`the API sent the transcript of call ${callId}`);
    case 'unknown-shape':
      if (answer.isBlank) return ok(`the API may be asked; it has no transcript of call ${callId} now`);
      return warning(
        `the transcript of call ${callId} has an unknown shape`,
        'Transcripts of this shape are kept as text. If all are like this, please report it',
      );
    case 'not-ready':
    case 'not-ended':
    case 'gone':
    case 'too-large':
      return ok(`the API may be asked; of call ${callId} it has no transcript to store (${words(answer.reason)})`);
    case 'garbled':
      return failed(`asked for the transcript of call ${callId}: ${words(answer.reason)}`, LOOK_FOR_PROXY);
    case 'refused':
    case 'forbidden':
      return warning(`asked for the transcript of call ${callId}: ${words(answer.reason)}`, ifRefused);
  }
}

/** Makes the finding of a request for an analysis. */
export function analysisFinding(call: AskedCall<AnalysisAnswer>): Finding {
  const { asked, callId, ifRefused } = call;
  if (asked.kind !== 'answer') return withoutAnswer(call, asked);
  const { answer } = asked;
  switch (answer.kind) {
    case 'analysis':
    case 'pending':
    case 'too-large':
      return ok(
        `the API answers about the analysis of call ${callId}${answer.reason === null ? '' : ` (${words(answer.reason)})`}`,
      );
    case 'garbled':
      return failed(`asked for the analysis of call ${callId}: ${words(answer.reason)}`, LOOK_FOR_PROXY);
    case 'not-applicable':
      return warning(`there is no analysis of call ${callId}: ${words(answer.reason)}`, ifRefused);
  }
}

function withoutAnswer(
  { account, ifRefused }: Pick<AskedCall<unknown>, 'account' | 'ifRefused'>,
  asked: Exclude<Asked<unknown>, { kind: 'answer' }>,
): Finding {
  if (asked.kind === 'skipped') return notTried(asked);
  const { error } = asked;
  const isRefused = error.kind === 'refused' && (error.status ?? 0) >= 400;
  return isRefused ? warning(clause(error.finding), ifRefused) : unanswered(error, account);
}

/** Returns the fixed text of an answer's reason without its kind. */
function words(reason: string): string {
  return reason.replace(/^[a-z-]+: /, '');
}
