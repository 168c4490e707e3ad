import { describe, expect, it } from 'vitest';
import { answerWith, hang, resetMidBody, truncatedJson, type Fault } from '../../../src/sample/faults.js';
import type { TranscriptPlan } from '../../../src/sample/transcripts/transcript-plan.js';
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
  it('requests the conversation of the call once, with the raw token', async () => {
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

  it('returns the turns in order, and a line for each', async () => {
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

  it('accepts any speaker, and the same one twice in a row', async () => {
    const spoken = [{ ivr: 'Press 1.' }, { caller: 'One.' }, { caller: '' }, { 'agent 2': 'Hello?' }];
    const invoca = await startInvoca(planned({ turns: spoken }));

    await expect(lookFor(invoca)).resolves.toMatchObject({
      kind: 'ready',
      turns: spoken.map((turn) => ({ speaker: Object.keys(turn)[0], text: Object.values(turn)[0] })),
    });
  });

  it('repairs half characters, which cannot be stored', async () => {
    await expect(answered(String.raw`[{"ag\ud83dent":"half \udc4d of it"}]`)).resolves.toMatchObject({
      kind: 'ready',
      text: 'ag\ufffdent: half \ufffd of it',
    });
  });

  it('sends any call id as one part of the path', async () => {
    const callId = 'a/b?c=d #ü%';
    const invoca = await startInvoca({ transcripts: [{ callId, turns }] });

    await expect(lookFor(invoca, { callId })).resolves.toMatchObject({ kind: 'ready' });
  });

  it('is not ready before its time, in whatever form the API reports that', async () => {
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
    ['an unknown call', answerWith({ status: 404, body: '<html>no such page' })],
    ['404 with a body that never ends', begin404],
    ['turns without words', answerWith({ status: 200, body: '[{"agent":""},{"caller":" \\n"}]' })],
  ])('is not ready for %s', async (_what, answer) => {
    await expect(lookAt(answer)).resolves.toMatchObject({ kind: 'not-ready' });
  });

  it('recognises a transcript that is gone', async () => {
    const invoca = await startInvoca(planned({ fate: 'gone' }));

    await expect(lookFor(invoca)).resolves.toEqual({ kind: 'gone', reason: 'gone: answered 410' });
  });

  it.each([
    ['null as a text', '[{"agent":"Hello"},{"caller":null},{"agent":"Bye"}]'],
    ['an empty object', '[{"agent":"Hello"},{},{"agent":"Bye"}]'],
    ['a number, true and null as turns', '[7,{"agent":"Hello"},true,{"agent":"Bye"},null]'],
    ['a number as a text', '[{"agent":"Hello"},{"caller":7},{"agent":"Bye"}]'],
    ['a list as a text', '[{"agent":"Hello"},{"caller":["x"]},{"agent":"Bye"}]'],
    ['an object as a text', '[{"agent":"Hello"},{"caller":{"text":"x"}},{"agent":"Bye"}]'],
    ['a list as a turn', '[{"agent":"Hello"},[{"caller":"x"}],{"agent":"Bye"}]'],
    ['a bare text as a turn', '[{"agent":"Hello"},"x",{"agent":"Bye"}]'],
    ['an extra number in each', '[{"agent":"Hello","start":0.25},{"agent":"Bye","start":1.75}]'],
    ['an extra text in each', '[{"agent":"Hello","at":"00:01"},{"at":"00:02","agent":"Bye"}]'],
    [
      'an extra list and null in each',
      '[{"agent":"Hello","words":[{"w":"Hello"}],"x":null},{"agent":"Bye","words":[]}]',
    ],
    ['speaker and text by name', '[{"speaker":"agent","text":"Hello"},{"role":"agent","content":"Bye","id":"7"}]'],
    ['a comma at the end', '[{"agent":"Hello"},{"agent":"Bye"},]'],
    ['a number JSON does not have', '[{"agent":"Hello","start":NaN},{"agent":"Bye"}]'],
    ['UTF-16', Buffer.from('\uFEFF[{"agent":"Hello"},{"agent":"Bye"}]', 'utf16le')],
  ])('reads the turns despite %s', async (_what, body) => {
    await expect(answered(body)).resolves.toEqual({
      kind: 'ready',
      text: 'agent: Hello\nagent: Bye',
      turns: [
        { speaker: 'agent', text: 'Hello' },
        { speaker: 'agent', text: 'Bye' },
      ],
    });
  });

  it.each([
    ['both speakers in one turn', '[{"agent":"Hello","caller":"Hi","id":"7"}]', 'agent: Hello\ncaller: Hi'],
    ['an unknown name, and numbers', '[{"start":0.5,"Maria":"Hello"}]', 'Maria: Hello'],
    ['a byte that is not UTF-8', Buffer.from('[{"agent":"Gr\xFC\xC3\xBC\xDFe"}]', 'latin1'), 'agent: Gr\uFFFDü\uFFFDe'],
    ['Latin-1', Buffer.from('[{"agent":"f\u00fcr"}]', 'latin1'), 'agent: für'],
    ['raw control characters', '[{"agent":"one\ntwo\tthree"}]', 'agent: one two three'],
  ])('reads %s', async (_what, body, text) => {
    await expect(answered(body)).resolves.toMatchObject({ kind: 'ready', text });
  });

  it.each([
    ['a transcript in an object', '{"transcript":[{"agent":"Hello"}]}'],
    ['a state', '{"call_record_id":"C","transcript":{"state":"in_review","segments":[]}}'],
    ['an empty list of errors next to words', '{"errors":[],"words":["Hello"]}'],
    ['an error next to a transcript', '{"error":"partial","transcript":[{"agent":"Hello"}]}'],
    ['an object of one key', '{"a":1}'],
    ['texts', '["agent: Hello","caller: Hi"]'],
    ['lists', '[["agent","Hello"],[{"caller":"Hi"}]]'],
    ['numbers', '[1,2]'],
    ['turns, most of them odd', '[{"agent":"Hello"},["x"],{"a":"b","c":"d"}]'],
    ['turns of uncertain speakers', '[{"Maria":"Hello","mood":"well"}]'],
    ['an agent who has a name and a text', '[{"agent":"Maria","text":"Hello"}]'],
    ['a number', '42'],
    ['true', 'true'],
    ['text', 'Hello, how are you?'],
    ['text with speakers', '[00:12] agent: Hello\ncaller: Hi'],
    ['text in quotes', '"Hello," she said.'],
    ['lines of JSON', '{"agent":"Hello"}\n{"caller":"Hi"}'],
    ['Python', "[{'agent': 'Hello'}]"],
    ['XML', '<?xml version="1.0"?><transcript><turn>Hello</turn></transcript>'],
    ['subtitles', 'WEBVTT\n\n00:00.000 --> 00:02.000\n<v agent>Hello'],
  ])('keeps %s as text', async (_what, body) => {
    await expect(answered(body)).resolves.toEqual({ kind: 'unknown-shape', text: body, isBlank: false });
  });

  it('keeps the value of a JSON string as text', async () => {
    await expect(answered(String.raw`"agent: Hello\nhalf \ud83d"`)).resolves.toEqual({
      kind: 'unknown-shape',
      text: 'agent: Hello\nhalf \ufffd',
      isBlank: false,
    });
  });

  it.each(['{}', 'null', '""', '{"transcript":[]}', '{"transcript":null,"turns":{"agent":""}}'])(
    'recognises %s as blank',
    async (body) => {
      await expect(answered(body)).resolves.toMatchObject({ kind: 'unknown-shape', isBlank: true });
    },
  );

  it.each(['[]', '[{}]', '[null,[]]', '[{"agent":null},{"caller":" "}]'])('is not ready for %s', async (body) => {
    await expect(answered(body)).resolves.toEqual({ kind: 'not-ready', reason: 'not-ready: no words in the answer' });
  });

  it.each([
    '{"errors":{"class":"Secret","invalid_data":"secret"}}',
    '{"errors":"secret"}',
    '{"errors":[{"message":"secret"}]}',
    '{"error":{"code":"SECRET","message":"secret"},"meta":{"request_id":"r"}}',
    '{"success":false,"message":"secret"}',
    '{"status":"error","message":"secret"}',
    '{"type":"about:blank","title":"secret","status":403,"detail":"secret"}',
  ])('never treats the error %s as a transcript, and does not repeat it', async (body) => {
    await expect(answered(body)).resolves.toEqual({ kind: 'refused', reason: 'refused: an error with status 200' });
  });

  it.each([
    ['a web page', '<html>secret</html>', 'a web page'],
    ['the error of a file store', '<?xml version="1.0"?>\n<Error><Code>secret</Code></Error>', 'a web page'],
    ['an empty body', '', 'empty'],
    ['JSON that is cut off in a string', '[{"agent":"secret [laughs]', 'JSON that breaks off'],
    ['JSON that is cut off between two turns', '[{"agent":"secret"},', 'JSON that breaks off'],
    ['JSON that is cut off before the last bracket', '[{"agent":"secret"}', 'JSON that breaks off'],
    ['one bracket', '[', 'JSON that breaks off'],
    ['an object that is cut off', '{"transcript":[{"agent":"secret"}]', 'JSON that breaks off'],
    ['the deepest possible lists, cut off', '['.repeat(500_000), 'JSON that breaks off'],
    ['bytes that are not text', Buffer.from([0x49, 0x44, 0x33, 0, 0, 0xff]), 'not text'],
  ])('treats %s as garbled', async (_what, body, explanation) => {
    await expect(answered(body)).resolves.toMatchObject({
      kind: 'garbled',
      reason: `garbled: the answer is ${explanation}`,
    });
  });

  it.each([400, 405, 409, 422, 451])('does not keep the body of a %i', async (status) => {
    await expect(answered('[{"agent":"secret"}]', status)).resolves.toEqual({
      kind: 'refused',
      reason: `refused: answered ${status}`,
    });
  });

  it('reads a transcript sent with 202, and treats any other body with it as "not yet"', async () => {
    await expect(answered('[{"agent":"Hello"}]', 202)).resolves.toMatchObject({ kind: 'ready' });
    await expect(answered('{"status":"processing"}', 202)).resolves.toEqual({
      kind: 'not-ready',
      reason: 'not-ready: answered 202',
    });
  });

  it('treats half a transcript as garbled', async () => {
    const invoca = await startInvoca(planned());
    invoca.plan({ answer: truncatedJson() });

    await expect(lookFor(invoca)).resolves.toMatchObject({ kind: 'garbled' });
  });

  it('is too large above 4 MiB, but not at 4 MiB', async () => {
    const body = (bytes: number) => `[{"agent":"${'a'.repeat(bytes - 14)}"}]`;
    const capBytes = 4 * 1024 * 1024;

    await expect(answered(body(capBytes))).resolves.toMatchObject({ kind: 'ready' });
    await expect(answered(body(capBytes + 1))).resolves.toEqual({
      kind: 'too-large',
      reason: 'too-large: more than 4194304 bytes',
    });
  });

  it('is too large if its text is, which is longer than its Latin-1', async () => {
    const body = (letters: number) =>
      Buffer.concat([Buffer.from('[{"agent":"'), Buffer.alloc(letters, 0xfc), Buffer.from('"}]')]);

    await expect(answered(body(2_000_000))).resolves.toMatchObject({ kind: 'ready' });
    await expect(answered(body(3_000_000))).resolves.toMatchObject({ kind: 'too-large' });
  });

  it('is too large with more turns than fit in a document', async () => {
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
  ])('fails with %i, which does not concern the call', async (status, kind) => {
    const look = answered('{"errors":{"class":"Oops","invalid_data":"secret"}}', status);

    await expect(look).rejects.toBeInstanceOf(SourceError);
    await expect(look).rejects.toMatchObject({ kind, status });
    await expect(look).rejects.not.toThrow(/secret|transcript_format/);
  });

  it('is refused with a wrong token or without the right to it', async () => {
    const invoca = await startInvoca(planned({ fate: 'forbidden' }));

    await expect(lookFor(invoca, { token: 'wrong' })).rejects.toMatchObject({ kind: 'refused', status: 401 });
    await expect(lookFor(invoca)).rejects.toMatchObject({ kind: 'refused', status: 403 });
  });

  it('passes on the time to wait', async () => {
    const look = lookAt(answerWith({ status: 429, headers: { 'retry-after': '7' } }));

    await expect(look).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 7_000 });
  });

  it('reports the source as unavailable after a reset in the middle', async () => {
    const invoca = await startInvoca(planned());
    invoca.plan({ answer: resetMidBody() });

    await expect(lookFor(invoca)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('stops at its timeout', async () => {
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
