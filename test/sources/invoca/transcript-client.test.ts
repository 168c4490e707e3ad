import { describe, expect, it } from 'vitest';
import { answerWith, hang, resetMidBody, truncatedJson } from '../../../src/sample/faults.js';
import type { Fault } from '../../../src/sample/faults.js';
import type { TranscriptPlan } from '../../../src/sample/transcript-plan.js';
import { SourceError } from '../../../src/sources/errors.js';
import { startInvoca } from '../../support/fake-invoca.js';
import { aCallId, lookAt, lookFor } from '../../support/transcripts.js';

const turns = [{ agent: 'Bluefern Dental, hello?' }, { caller: 'Grüezi! 🦷 “Is it open?”' }, { agent: 'Until six.' }];

function planned(plan: Partial<TranscriptPlan> = {}): { transcripts: TranscriptPlan[] } {
  return { transcripts: [{ callId: aCallId, turns, ...plan }] };
}

function answered(body: string | Buffer, status = 200) {
  return lookAt(answerWith({ status, body }));
}

const begin404: Fault = ({ response }) => response.writeHead(404, { 'content-length': 100 }).write('{');

describe('a look for a transcript', () => {
  it('asks for the conversation of the call, once, with the raw token', async () => {
    const invoca = await startInvoca({ ...planned(), token: 'the-right-one' });

    await lookFor(invoca, { baseUrl: `${invoca.baseUrl}//` });

    expect(invoca.requests).toMatchObject([
      {
        method: 'GET',
        path: `/call/transcript/${aCallId}`,
        query: { transcript_format: 'caller_agent_conversation' },
        status: 200,
      },
    ]);
    expect(Object.keys(invoca.requests[0]?.query ?? {})).toEqual(['transcript_format']);
  });

  it('gives the turns in order, and a line for each', async () => {
    const invoca = await startInvoca(planned());

    await expect(lookFor(invoca)).resolves.toEqual({
      kind: 'ready',
      text: 'agent: Bluefern Dental, hello?\ncaller: Grüezi! 🦷 “Is it open?”\nagent: Until six.',
      turns: [
        { speaker: 'agent', text: 'Bluefern Dental, hello?' },
        { speaker: 'caller', text: 'Grüezi! 🦷 “Is it open?”' },
        { speaker: 'agent', text: 'Until six.' },
      ],
    });
  });

  it('takes any speaker, and the same one twice in a row', async () => {
    const spoken = [{ ivr: 'Press 1.' }, { caller: 'One.' }, { caller: '' }, { 'agent 2': 'Hello?' }];
    const invoca = await startInvoca(planned({ turns: spoken }));

    await expect(lookFor(invoca)).resolves.toMatchObject({
      kind: 'ready',
      turns: spoken.map((turn) => ({ speaker: Object.keys(turn)[0], text: Object.values(turn)[0] })),
    });
  });

  it('repairs half characters, which nothing can store', async () => {
    await expect(answered(String.raw`[{"ag\ud83dent":"half \udc4d of it"}]`)).resolves.toMatchObject({
      kind: 'ready',
      text: 'ag\ufffdent: half \ufffd of it',
    });
  });

  it('reads any call id as one part of the path', async () => {
    const callId = 'a/b?c=d #ü%';
    const invoca = await startInvoca({ transcripts: [{ callId, turns }] });

    await expect(lookFor(invoca, { callId })).resolves.toMatchObject({ kind: 'ready' });
  });

  it('is not ready before its time, however that is said', async () => {
    const readyAt = new Date('2025-06-02T18:00:00Z');
    let now = new Date(readyAt.getTime() - 1);
    const waysToSay = ['404', 'empty-list', '204', 'error-with-200'] as const;
    const transcripts = waysToSay.map((notYet) => ({ callId: notYet, readyAt, notYet, turns }));
    const invoca = await startInvoca({ transcripts, now: () => now });
    const look = () => Promise.all(waysToSay.map((callId) => lookFor(invoca, { callId })));

    const early = await look();
    now = readyAt;
    const late = await look();

    expect(early).toEqual([
      { kind: 'not-ready', reason: 'not-ready: answered 404' },
      { kind: 'not-ready', reason: 'not-ready: no words in the answer' },
      { kind: 'not-ready', reason: 'not-ready: answered 204' },
      { kind: 'not-ready', reason: 'not-ready: RecordNotFound' },
    ]);
    expect(late.map(({ kind }) => kind)).toEqual(['ready', 'ready', 'ready', 'ready']);
  });

  it.each([
    ['a call nobody knows', answerWith({ status: 404, body: '<html>no such page' })],
    ['404 with a body that never ends', begin404],
    ['turns without words', answerWith({ status: 200, body: '[{"agent":""},{"caller":" \\n"}]' })],
  ])('is not ready for %s', async (_what, answer) => {
    await expect(lookAt(answer)).resolves.toMatchObject({ kind: 'not-ready' });
  });

  it('tells a transcript that is gone', async () => {
    const invoca = await startInvoca(planned({ fate: 'gone' }));

    await expect(lookFor(invoca)).resolves.toEqual({ kind: 'gone', reason: 'gone: answered 410' });
  });

  it.each([
    ['an object', '{"transcript":[{"agent":"secret"}]}', 'the answer is an object'],
    ['other errors', '{"errors":{"class":"Secret","invalid_data":"secret"}}', 'the answer is an object'],
    ['errors that are a text', '{"errors":"secret"}', 'the answer is an object'],
    ['a text', '"secret"', 'the answer is neither a list nor an object'],
    ['null', 'null', 'the answer is neither a list nor an object'],
    ['a turn of two speakers', '[{"agent":"secret","caller":"secret"}]', 'a turn is not one speaker with one text'],
    ['a turn of nobody', '[{"agent":"secret"},{}]', 'a turn is not one speaker with one text'],
    ['a text as a turn', '[{"agent":"secret"},"secret"]', 'a turn is not one speaker with one text'],
    ['a number as a text', '[{"agent":"secret"},{"caller":7}]', 'a turn is not one speaker with one text'],
    ['null as a text', '[{"agent":null}]', 'a turn is not one speaker with one text'],
  ])('does not know %s, and says so without repeating it', async (_what, body, explanation) => {
    await expect(answered(body)).resolves.toEqual({
      kind: 'unknown-shape',
      reason: `unknown-shape: ${explanation}`,
    });
  });

  it.each([
    ['a web page', '<html>secret</html>'],
    ['nothing', ''],
    ['JSON that breaks off', '[{"agent":"secret"'],
    ['Latin-1', Buffer.from('[{"agent":"f\u00fcr"}]', 'latin1')],
  ])('takes %s for garbled', async (_what, body) => {
    await expect(answered(body)).resolves.toEqual({
      kind: 'garbled',
      reason: 'unknown-shape: the answer is not JSON in UTF-8',
    });
  });

  it.each([400, 405, 409, 422, 451])('does not know what %i says of a call', async (status) => {
    await expect(answered('{"errors":{"class":"Secret"}}', status)).resolves.toEqual({
      kind: 'unknown-shape',
      reason: `unknown-shape: answered ${status}`,
    });
  });

  it('takes half a transcript for garbled', async () => {
    const invoca = await startInvoca(planned());
    invoca.plan({ answer: truncatedJson() });

    await expect(lookFor(invoca)).resolves.toMatchObject({ kind: 'garbled' });
  });

  it('is too large over 4 MiB and not at 4 MiB', async () => {
    const body = (bytes: number) => `[{"agent":"${'a'.repeat(bytes - 14)}"}]`;
    const capBytes = 4 * 1024 * 1024;

    await expect(answered(body(capBytes))).resolves.toMatchObject({ kind: 'ready' });
    await expect(answered(body(capBytes + 1))).resolves.toEqual({
      kind: 'too-large',
      reason: 'too-large: more than 4194304 bytes',
    });
  });

  it('is too large with more turns than a document has room for', async () => {
    const body = (count: number) => JSON.stringify(Array.from({ length: count }, () => ({ a: 'b' })));

    await expect(answered(body(100_000))).resolves.toMatchObject({ kind: 'ready' });
    await expect(answered(body(100_001))).resolves.toEqual({
      kind: 'too-large',
      reason: 'too-large: more than 100000 turns',
    });
  });

  it.each([
    [401, 'refused'],
    [403, 'refused'],
    [302, 'refused'],
    [408, 'unavailable'],
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [504, 'too-much'],
  ])('fails with %i, which is not about the call', async (status, kind) => {
    const look = answered('{"errors":{"class":"Oops","invalid_data":"secret"}}', status);

    await expect(look).rejects.toBeInstanceOf(SourceError);
    await expect(look).rejects.toMatchObject({ kind, status });
    await expect(look).rejects.not.toThrow(/secret|transcript_format/);
  });

  it('is refused with a wrong token and where the account may not', async () => {
    const invoca = await startInvoca(planned({ fate: 'forbidden' }));

    await expect(lookFor(invoca, { token: 'wrong' })).rejects.toMatchObject({ kind: 'refused', status: 401 });
    await expect(lookFor(invoca)).rejects.toMatchObject({ kind: 'refused', status: 403 });
  });

  it('passes on how long to wait', async () => {
    const look = lookAt(answerWith({ status: 429, headers: { 'retry-after': '7' } }));

    await expect(look).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 7_000 });
  });

  it('takes a reset in the middle for a source that is unavailable', async () => {
    const invoca = await startInvoca(planned());
    invoca.plan({ answer: resetMidBody() });

    await expect(lookFor(invoca)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('gives up after its timeout', async () => {
    const invoca = await startInvoca();
    invoca.plan({ answer: hang() });

    await expect(lookFor(invoca, { timeoutMs: 100 })).rejects.toMatchObject({ kind: 'too-much' });
  });

  it('rejects with the reason of an abort', async () => {
    const invoca = await startInvoca();
    const controller = new AbortController();
    const reason = new Error('the worker shuts down');
    invoca.plan({ answer: () => controller.abort(reason) });

    await expect(lookFor(invoca, { signal: controller.signal })).rejects.toBe(reason);
  });
});
