import type { AnalysisAnswer, TranscriptAnswer } from '../../domain/transcripts/answers.js';
import { getAnswer, type HttpAnswer } from '../http/http.js';
import { readTranscriptAnswer, TRANSCRIPT_CAP_BYTES } from '../transcripts/transcript-body.js';
import type { TranscriptSource } from '../transcripts/transcript-source.js';
import type { InvocaClientOptions } from './client.js';
import { readAnalysisBody } from './transcript-analysis.js';
import { isPlainObject } from '../json/json.js';

export type InvocaTranscriptOptions = Pick<InvocaClientOptions, 'baseUrl' | 'token' | 'timeoutMs'>;

/** Statuses that are about the account or the moment, whatever is asked for; any other 4xx is about the call. */
const statusesOfTheAccount = [401, 403, 408, 429];

/**
 * A reader of one account's transcripts and their analysis, as documented at
 * https://developers.invoca.net/en/2022-08-01/api_documentation/call_api/transcript_api.html and beside it. What is
 * said of a call without a transcript is not documented: see {@link TranscriptAnswer}.
 */
export function createInvocaTranscripts(options: InvocaTranscriptOptions): TranscriptSource {
  return {
    async fetchTranscript({ callId, signal }) {
      const path = `/call/transcript/${encodeURIComponent(callId)}?transcript_format=caller_agent_conversation`;
      return readTranscript(await ask({ options, path, signal, isMeant: isAboutCall }));
    },
    async fetchAnalysis({ callId, signal }) {
      const path = `/call/v2/transcript_analysis/${encodeURIComponent(callId)}`;
      // Here 403 tells of a feature the account does not have.
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

async function ask({ options: { baseUrl, token, timeoutMs }, path, signal, isMeant }: Asking): Promise<HttpAnswer> {
  const get = {
    url: new URL(`${baseUrl.replace(/\/+$/, '')}${path}`),
    // The raw token, without "Bearer".
    headers: { authorization: token },
    bodyCapBytes: TRANSCRIPT_CAP_BYTES,
    ...(timeoutMs !== undefined && { timeoutMs }),
    signal,
  };
  return getAnswer(get, isMeant);
}

/**
 * Reads an answer in the conversation format, `[{"agent":"…"},{"caller":"…"},…]`. Never throws: the shape is documented
 * by an example only, so that others must be expected.
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

/** The documented body for a thing that is not there comes with 404; with 200 it means the same. */
function isNotFound(value: unknown): boolean {
  return isPlainObject(value) && isPlainObject(value['errors']) && value['errors']['class'] === 'RecordNotFound';
}

function readAnalysis({ status, body }: HttpAnswer): AnalysisAnswer {
  if (status === 404 || status === 403) return { kind: 'not-applicable', reason: `not-applicable: answered ${status}` };
  if (status >= 400 || status === 204) return { kind: 'pending', reason: `pending: answered ${status}` };
  if (body === null) return { kind: 'too-large', reason: `too-large: more than ${TRANSCRIPT_CAP_BYTES} bytes` };
  return readAnalysisBody(body);
}
