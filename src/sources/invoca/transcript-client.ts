import type { AnalysisAnswer, TranscriptAnswer } from '../../domain/transcripts/answers.js';
import { getAnswer, type HttpAnswer } from '../http/http.js';
import { readTranscriptAnswer, TRANSCRIPT_CAP_BYTES } from '../transcripts/transcript-body.js';
import type { TranscriptSource } from '../transcripts/transcript-source.js';
import type { InvocaClientOptions } from './client.js';
import { readAnalysisBody } from './transcript-analysis.js';
import { isPlainObject } from '../json/json.js';

export type InvocaTranscriptOptions = Pick<InvocaClientOptions, 'baseUrl' | 'token' | 'timeoutMs' | 'proxy'>;

/** Transcripts of a source that also has analyses. */
interface AnalysedTranscripts extends TranscriptSource {
  readonly fetchAnalysis: NonNullable<TranscriptSource['fetchAnalysis']>;
}

/** Statuses that concern the account or the moment. Any other 4xx concerns the call. */
const statusesOfTheAccount = [401, 403, 408, 429];

/**
 * Creates a reader of one account's transcripts and their analysis, documented at
 * https://developers.invoca.net/en/2022-08-01/api_documentation/call_api/transcript_api.html and on the pages next to
 * it. The answer about a call without a transcript is not documented: see {@link TranscriptAnswer}.
 */
export function createInvocaTranscripts(options: InvocaTranscriptOptions): AnalysedTranscripts {
  return {
    async fetchTranscript({ callId, signal }) {
      const path = `/call/transcript/${encodeURIComponent(callId)}?transcript_format=caller_agent_conversation`;
      return readTranscript(await ask({ options, path, signal, isMeant: isAboutCall }));
    },
    async fetchAnalysis({ callId, signal }) {
      const path = `/call/v2/transcript_analysis/${encodeURIComponent(callId)}`;
      // Here 403 means that the account lacks the feature.
      return readAnalysis(
        await ask({ options, path, signal, isMeant: (status) => status === 403 || isAboutCall(status) }),
      );
    },
  };
}

function isAboutCall(status: number): boolean {
  return status >= 400 && status < 500 && !statusesOfTheAccount.includes(status);
}

interface Asking {
  readonly options: InvocaTranscriptOptions;
  readonly path: string;
  readonly signal: AbortSignal | undefined;
  readonly isMeant: (status: number) => boolean;
}

async function ask({
  options: { baseUrl, token, timeoutMs, proxy },
  path,
  signal,
  isMeant,
}: Asking): Promise<HttpAnswer> {
  const get = {
    url: new URL(`${baseUrl.replace(/\/+$/, '')}${path}`),
    // The raw token, without "Bearer".
    headers: { authorization: token },
    proxy,
    bodyCapBytes: TRANSCRIPT_CAP_BYTES,
    ...(timeoutMs !== undefined && { timeoutMs }),
    signal,
  };
  return getAnswer(get, isMeant);
}

/**
 * Reads an answer in the conversation format, `[{"agent":"…"},{"caller":"…"},…]`. Never throws: only an example
 * documents the shape, so other shapes must be expected.
 */
export function readTranscript({ status, body }: HttpAnswer): TranscriptAnswer {
  if (status === 404) return { kind: 'not-ready', reason: 'not-ready: answered 404' };
  if (status === 410) return { kind: 'gone', reason: 'gone: answered 410' };
  if (status >= 400) return { kind: 'refused', reason: `refused: answered ${status}` };
  return readTranscriptAnswer({ status, body }, { readText, isNotFound });
}

function readText(text: string): TranscriptAnswer {
  if (text === '') return { kind: 'garbled', reason: 'garbled: the answer is empty' };
  return { kind: 'unknown-shape', text, isBlank: false };
}

/** True for the documented body of a 404, which means the same with status 200. */
function isNotFound(value: unknown): boolean {
  return isPlainObject(value) && isPlainObject(value['errors']) && value['errors']['class'] === 'RecordNotFound';
}

function readAnalysis({ status, body }: HttpAnswer): AnalysisAnswer {
  if (status === 404 || status === 403) return { kind: 'not-applicable', reason: `not-applicable: answered ${status}` };
  if (status >= 400 || status === 204) return { kind: 'pending', reason: `pending: answered ${status}` };
  if (body === null) return { kind: 'too-large', reason: `too-large: more than ${TRANSCRIPT_CAP_BYTES} bytes` };
  return readAnalysisBody(body);
}
