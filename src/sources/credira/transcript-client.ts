import { isCompletedStatus } from '../../domain/credira/credira-call.js';
import type { TranscriptAnswer } from '../../domain/transcripts/answers.js';
import { describeGet, getWholeAnswer, type WholeAnswer } from '../http/http.js';
import { readJson } from '../json/json.js';
import { readTranscriptAnswer, TRANSCRIPT_CAP_BYTES, TURN_CAP } from '../transcripts/transcript-body.js';
import type { TranscriptRequest, TranscriptSource } from '../transcripts/transcript-source.js';
import { isBlankJson } from '../transcripts/transcript-turns.js';
import { authorization, type CrediraCredential } from './ask.js';
import { readEnvelope, refusalOf } from './envelope.js';
import type { TranscriptTurn } from '../../domain/transcripts/transcript.js';

/**
 * Creates a reader of one account's transcripts: text at the `transcription_url` of each call. Requests it only from
 * the host of the API, so that no other host gets the key, and only after the call is completed. Credira has no
 * analysis.
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

/** Parses a URL. Null if it has another host, port or scheme than the base URL, or contains a user name or password. */
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
  const { timeoutMs, proxy } = credential;
  return getWholeAnswer({
    url,
    headers: { accept: 'text/plain', ...authorization(credential) },
    proxy,
    bodyCapBytes: TRANSCRIPT_CAP_BYTES,
    ...(timeoutMs !== undefined && { timeoutMs }),
    signal,
  });
}

/** Reads an answer. An error may have the body of the API, and any status. */
function readTranscript({ url, answer }: { url: URL; answer: WholeAnswer }): TranscriptAnswer {
  const { status, retryAfter, body } = answer;
  const envelope = body === null ? null : readEnvelope(readJson(body)?.value);
  const refusal = refusalOf({ subject: describeGet(url), status, retryAfter, envelope });
  if (refusal === null && envelope?.success === true && holdsNothing(envelope.data)) {
    return { kind: 'not-ready', reason: 'not-ready: no data in the answer' };
  }
  if (refusal === null) return readTranscriptAnswer(answer, { readText });
  if (refusal === 'not-found' || refusal.status === 404) {
    return { kind: 'not-ready', reason: `not-ready: answered ${status}` };
  }
  if (refusal.status === 410) return { kind: 'gone', reason: 'gone: answered 410' };
  throw refusal;
}

/** True if there is no data: Credira writes `data: false`. */
function holdsNothing(data: unknown): boolean {
  return data === false || isBlankJson(data ?? null);
}

/** Matches `Agent: Hello`, also with a time before it: `[00:12] Agent: Hello`. */
const turnPattern =
  /^(?:[[(]?\d{1,2}(?::\d{2}){1,2}(?:\.\d+)?[\])]?[ \t-]*)?(\p{L}[\p{L}\p{N} _.'’-]{0,39}):[ \t]*(.*)$/u;

/**
 * Reads a plain-text transcript, of which no example is documented. Keeps the text, except for its line ends. Reads
 * turns only if the text begins with one.
 */
function readText(received: string): TranscriptAnswer {
  if (received === '') return { kind: 'not-ready', reason: 'not-ready: no words in the answer' };
  const text = received.replace(/\r\n?/g, '\n');
  const turns = turnsOf(text);
  if (turns.length > TURN_CAP) return { kind: 'too-large', reason: `too-large: more than ${TURN_CAP} turns` };
  return { kind: 'ready', text, turns };
}

/** Splits a text into turns. A line without a speaker continues the turn before it. */
function turnsOf(text: string): readonly TranscriptTurn[] {
  const turns: { speaker: string; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const [, speaker, words = ''] = turnPattern.exec(line.trim()) ?? [];
    const turn = turns.at(-1);
    if (speaker !== undefined) turns.push({ speaker: speaker.trim().toLowerCase(), lines: [words] });
    else if (turn === undefined) return [];
    else turn.lines.push(line.trim());
  }
  return turns.map(({ speaker, lines }) => ({ speaker, text: lines.join('\n').trim() }));
}
