import { describe, expect, it } from 'vitest';
import type { TranscriptAnswer } from '../../../src/domain/transcripts/answers.js';
import type { CrediraTranscriptPlan } from '../../../src/sample/credira/credira-invoice.js';
import type { FakeCredira } from '../../../src/sample/credira/fake-credira.js';
import { answerWith, hang, type Fault } from '../../../src/sample/faults.js';
import type { TranscriptRequest } from '../../../src/sources/transcripts/transcript-source.js';
import { aCompletedCall, crediraClientOf, crediraTranscriptsOf, startCredira } from '../../support/fake-credira.js';

const callId = 'call_123456789';
const secret = 'secret-of-this-test';

async function anApi(transcript: CrediraTranscriptPlan = {}, foreignOrigin?: string): Promise<FakeCredira> {
  const invoices = [{ invoiceId: 'inv_1', calls: [aCompletedCall(callId, { transcript })] }];
  return startCredira({ invoices, apiKey: secret, ...(foreignOrigin !== undefined && { foreignOrigin }) });
}

/** Fetches the transcript from the URL that the API gives. */
async function lookFor(credira: FakeCredira, request: Partial<TranscriptRequest> = {}): Promise<TranscriptAnswer> {
  const answer = await crediraClientOf(credira).getCall({ callId });
  const url = answer.kind === 'call' ? answer.call.fields['transcription_url'] : null;
  return crediraTranscriptsOf(credira, { timeoutMs: 5_000 }).fetchTranscript({
    callId,
    result: 'completed',
    url: typeof url === 'string' ? url : null,
    ...request,
  });
}

async function lookAt(answer: Fault): Promise<TranscriptAnswer> {
  const credira = await anApi();
  credira.plan({ answer, when: ({ path }) => path.startsWith('/transcriptions/') });
  return lookFor(credira);
}

function text(body: string | Buffer): Fault {
  return answerWith({ status: 200, headers: { 'content-type': 'text/plain' }, body });
}

describe('fetchTranscript of Credira', () => {
  it('returns the text and its turns', async () => {
    const credira = await anApi({ text: 'Agent: Hello,\r\nis this you?\r\nCustomer: Yes.\n' });

    await expect(lookFor(credira)).resolves.toEqual({
      kind: 'ready',
      text: 'Agent: Hello,\nis this you?\nCustomer: Yes.',
      turns: [
        { speaker: 'agent', text: 'Hello,\nis this you?' },
        { speaker: 'customer', text: 'Yes.' },
      ],
    });
    expect(credira.requestsByCall.get(callId)).toEqual({ call: 1, transcript: 1, delivered: 1 });
  });

  it('makes no request for a call that is not completed, or that has no URL', async () => {
    const credira = await anApi();

    for (const request of [{ result: 'in_progress' }, { result: null }, { url: null }]) {
      await expect(lookFor(credira, request)).resolves.toMatchObject({ unasked: true });
    }
    expect(credira.requestsByCall.get(callId)?.transcript).toBe(0);
  });

  it('makes no request to another host, port or scheme, whatever URL the call gives', async () => {
    const other = await startCredira();
    const credira = await anApi({ fate: 'foreign-host' }, new URL(other.baseUrl).origin);
    const { host } = new URL(credira.baseUrl);

    await expect(lookFor(credira)).resolves.toMatchObject({ kind: 'forbidden', unasked: true });
    for (const url of [
      `https://${host}/transcriptions/${callId}.txt`,
      `http://${host}.example/x.txt`,
      `http://user:word@${host}/transcriptions/${callId}.txt`,
      `//transcripts.example/x.txt`,
      'file:///etc/hosts',
      'data:text/plain,Agent: Hello',
      'http://',
    ]) {
      await expect(lookFor(credira, { url })).resolves.toMatchObject({ kind: 'forbidden', unasked: true });
    }
    expect(other.requests).toEqual([]);
    expect(credira.requestsByCall.get(callId)?.transcript).toBe(0);
  });

  it('does not follow a redirect to another host', async () => {
    const other = await startCredira();

    const look = lookAt(answerWith({ status: 302, headers: { location: `${other.baseUrl}/calls` } }));

    await expect(look).rejects.toMatchObject({ kind: 'refused', status: 302 });
    expect(other.requests).toEqual([]);
  });

  it.each([
    ['never', { kind: 'not-ready' }],
    ['gone', { kind: 'gone' }],
    ['too-large', { kind: 'too-large' }],
    ['no-url', { kind: 'not-ready', unasked: true }],
  ] as const)('recognises the fate %s', async (fate, answer) => {
    await expect(lookFor(await anApi({ fate }))).resolves.toMatchObject(answer);
  });

  it('fails for a refusal of the key, of this transcript and of the moment', async () => {
    const refusing = (code: string) => text(JSON.stringify({ success: false, error: { code, message: 'no' } }));

    await expect(lookFor(await anApi({ fate: 'forbidden' }))).rejects.toMatchObject({ kind: 'refused', status: 403 });
    await expect(lookAt(refusing('UNAUTHORIZED'))).rejects.toMatchObject({ kind: 'refused', status: 401 });
    await expect(lookAt(refusing('RATE_LIMITED'))).rejects.toMatchObject({ kind: 'rate-limited', status: 429 });
    await expect(lookAt(answerWith({ status: 503 }))).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('reads NOT_FOUND as "not yet", with any status', async () => {
    const body = JSON.stringify({ success: false, error: { code: 'NOT_FOUND', message: 'no' } });

    await expect(lookAt(text(body))).resolves.toMatchObject({ kind: 'not-ready' });
    await expect(lookAt(answerWith({ status: 404 }))).resolves.toMatchObject({ kind: 'not-ready' });
    await expect(lookAt(answerWith({ status: 204 }))).resolves.toMatchObject({ kind: 'not-ready' });
  });

  it.each([
    ['UTF-8', Buffer.from('Agent: José?')],
    ['UTF-8 with a mark', Buffer.from('\uFEFFAgent: José?')],
    ['UTF-16', Buffer.from('\uFEFFAgent: José?', 'utf16le')],
    ['Latin letters', Buffer.from('Agent: José?', 'latin1')],
  ])('decodes %s', async (_encoding, body) => {
    await expect(lookAt(text(body))).resolves.toEqual({
      kind: 'ready',
      text: 'Agent: José?',
      turns: [{ speaker: 'agent', text: 'José?' }],
    });
  });

  it('keeps a text without speakers, and one with times', async () => {
    await expect(lookAt(text('Hello.\nAgent: Yes?'))).resolves.toEqual({
      kind: 'ready',
      text: 'Hello.\nAgent: Yes?',
      turns: [],
    });
    await expect(lookAt(text('[00:12] Agent 1: Yes?\n00:01:15 - Customer: At 10:30.'))).resolves.toMatchObject({
      turns: [
        { speaker: 'agent 1', text: 'Yes?' },
        { speaker: 'customer', text: 'At 10:30.' },
      ],
    });
  });

  it.each([
    ['a web page', '<!DOCTYPE html><p>Log in', 'garbled'],
    ['bytes that are not text', Buffer.from([0x49, 0x44, 0x33, 0, 0, 0xff]), 'garbled'],
    ['JSON that is cut off', '[{"agent":"Hel', 'garbled'],
    ['an error with 200', '{"error":"Forbidden"}', 'refused'],
    ['an envelope without data', '{"success":true,"data":false,"meta":{"request_id":"r"}}', 'not-ready'],
    ['an empty list', '[]', 'not-ready'],
    ['JSON of an unknown shape', '{"segments":["Hello"]}', 'unknown-shape'],
    ['an envelope with data', '{"success":true,"data":{"segments":["Hello"]}}', 'unknown-shape'],
    ['a text of more than 4 MiB in UTF-8', Buffer.alloc(3_000_000, 0xfc), 'too-large'],
    ['blanks', ' \n\n', 'not-ready'],
  ])('is not deceived by %s', async (_what, body, kind) => {
    await expect(lookAt(text(body))).resolves.toMatchObject({ kind });
  });

  it('reads turns in JSON as for other sources', async () => {
    await expect(lookAt(text('[{"agent":"Hello","at":1},{"caller":null},{"agent":"Bye"}]'))).resolves.toMatchObject({
      kind: 'ready',
      text: 'agent: Hello\nagent: Bye',
    });
  });

  it('names no key and no part of the answer when it fails', async () => {
    const credira = await anApi();
    credira.plan({ answer: hang(), when: ({ path }) => path.startsWith('/transcriptions/') });
    const source = crediraTranscriptsOf(credira, { timeoutMs: 200 });
    const url = `${new URL(credira.baseUrl).origin}/transcriptions/${callId}.txt?phone=7755550143`;

    const error: unknown = await source
      .fetchTranscript({ callId, result: 'completed', url })
      .catch((reason: unknown) => reason);

    expect(String(error)).toContain(`/transcriptions/${callId}.txt`);
    expect(String(error)).not.toMatch(new RegExp(`${secret}|7755550143`));
  });

  it('has no analysis', async () => {
    expect(crediraTranscriptsOf(await anApi()).fetchAnalysis).toBeNull();
  });
});
