import { isCompletedStatus } from '../../domain/credira/credira-call.js';
import type { TranscriptAnswer } from '../../domain/transcripts/answers.js';
import { describeGet, getWholeAnswer } from '../http/http.js';
import type { WholeAnswer } from '../http/http.js';
import { readJson } from '../json/json.js';
import { notYetIfAccepted, TRANSCRIPT_CAP_BYTES } from '../transcripts/transcript-body.js';
import type { TranscriptRequest, TranscriptSource } from '../transcripts/transcript-source.js';
import { isBlankJson } from '../transcripts/transcript-turns.js';
import { authorization } from './ask.js';
import type { CrediraCredential } from './ask.js';
import { readEnvelope, refusalOf } from './envelope.js';
import { readTranscriptText } from './transcript-text.js';

/**
 * A reader of one account's transcripts: text under the `transcription_url` of each call. It is asked for only at the
 * host of the API, so that the key goes to no other, and only once the call is completed. Credira has no analysis.
 */
export function createCrediraTranscripts(credential: CrediraCredential): TranscriptSource {
  return {
    async fetchTranscript({ result = null, url = null, signal }) {
      if (!isCompletedStatus(result)) return withoutAsking('not-ended', 'the call is not completed');
      if (url === null) return withoutAsking('not-ready', 'the call has no transcript URL');
      const target = sameOrigin(url, credential.baseUrl);
      if (target === null) return withoutAsking('forbidden', 'the transcript URL is not on the host of the base URL');
      return readTranscript({ url: target, answer: await ask({ credential, url: target, signal }) });
    },
    fetchAnalysis: null,
  };
}

function withoutAsking(kind: 'not-ready' | 'not-ended' | 'forbidden', explanation: string): TranscriptAnswer {
  return { kind, reason: `${kind}: ${explanation}`, unasked: true };
}

/** Null for a URL on another host, port or scheme, or one that brings a user name of its own. */
function sameOrigin(text: string, baseUrl: string): URL | null {
  if (!URL.canParse(text, baseUrl)) return null;
  const url = new URL(text, baseUrl);
  if (url.origin !== new URL(baseUrl).origin) return null;
  return url.username === '' && url.password === '' ? url : null;
}

interface Asking {
  readonly credential: CrediraCredential;
  readonly url: URL;
  readonly signal: TranscriptRequest['signal'];
}

async function ask({ credential, url, signal }: Asking): Promise<WholeAnswer> {
  const { timeoutMs } = credential;
  return getWholeAnswer({
    url,
    headers: { accept: 'text/plain', ...authorization(credential) },
    bodyCapBytes: TRANSCRIPT_CAP_BYTES,
    ...(timeoutMs !== undefined && { timeoutMs }),
    signal,
  });
}

/** An error may come with the body of the API, and with any status. */
function readTranscript({ url, answer }: { url: URL; answer: WholeAnswer }): TranscriptAnswer {
  const { status, retryAfter, body } = answer;
  if (body === null) return { kind: 'too-large', reason: `too-large: more than ${TRANSCRIPT_CAP_BYTES} bytes` };
  if (status === 204) return { kind: 'not-ready', reason: 'not-ready: answered 204' };
  const envelope = readEnvelope(readJson(body)?.value);
  const refusal = refusalOf({ subject: describeGet(url), status, retryAfter, envelope });
  if (refusal === null && envelope?.success === true && holdsNothing(envelope.data)) {
    return { kind: 'not-ready', reason: 'not-ready: no data in the answer' };
  }
  if (refusal === null) return notYetIfAccepted(status, readTranscriptText(body));
  if (refusal === 'not-found' || refusal.status === 404) {
    return { kind: 'not-ready', reason: `not-ready: answered ${status}` };
  }
  if (refusal.status === 410) return { kind: 'gone', reason: 'gone: answered 410' };
  throw refusal;
}

/** `data: false` is how Credira says that there is none of a thing. */
function holdsNothing(data: unknown): boolean {
  return data === false || isBlankJson(data ?? null);
}
