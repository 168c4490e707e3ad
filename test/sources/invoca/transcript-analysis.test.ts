import { describe, expect, it } from 'vitest';
import type { AnalysisAnswer } from '../../../src/domain/transcripts/answers.js';
import { answerWith } from '../../../src/sample/faults.js';
import { SourceError } from '../../../src/sources/errors.js';
import { startInvoca } from '../../support/fake-invoca.js';
import { aCallId, analysisOf } from '../../support/transcripts.js';

const notYet = { kind: 'pending', reason: 'pending: neither summary nor sentiment yet' };
const nothing = { summary: null, sentiment: null };

async function answered(body: unknown, status = 200): Promise<AnalysisAnswer> {
  const invoca = await startInvoca();
  invoca.plan({ answer: answerWith({ status, body: typeof body === 'string' ? body : JSON.stringify(body) }) });
  return analysisOf(invoca);
}

describe('the analysis of a call', () => {
  it('is requested in its second version, without parameters', async () => {
    const invoca = await startInvoca({ transcripts: [{ callId: aCallId }] });

    await analysisOf(invoca);

    expect(invoca.requests).toMatchObject([
      { method: 'GET', path: `/call/v2/transcript_analysis/${aCallId}`, query: {}, status: 200 },
    ]);
  });

  it('contains summary and sentiment', async () => {
    const sentiment = { overall: 0.9, agent: 0, caller: -0.5 };
    const invoca = await startInvoca({ transcripts: [{ callId: aCallId, summary: 'Asked for a visit.', sentiment }] });

    await expect(analysisOf(invoca)).resolves.toEqual({
      kind: 'analysis',
      analysis: {
        summary: 'Asked for a visit.',
        sentiment: {
          label: 'positive',
          score: 0.9,
          agent: { label: 'neutral', score: 0 },
          caller: { label: 'negative', score: -0.5 },
        },
      },
      none: false,
      reason: null,
    });
  });

  it.each([
    ['none', 'no_transcript'],
    ['too-short', 'transcript_too_short'],
  ] as const)('rules out a transcript for a call with the fate %s', async (fate, status) => {
    const invoca = await startInvoca({ transcripts: [{ callId: aCallId, fate }] });

    await expect(analysisOf(invoca)).resolves.toEqual({
      kind: 'analysis',
      analysis: nothing,
      none: true,
      reason: `none: ${status}`,
    });
  });

  it('is pending before its time, and for ever if the API reports nothing', async () => {
    const readyAt = new Date('2025-06-02T18:00:00Z');
    let now = new Date(readyAt.getTime() - 1);
    const transcripts = [
      { callId: 'late', readyAt },
      { callId: 'silent', readyAt, fate: 'silent' as const },
    ];
    const invoca = await startInvoca({ transcripts, now: () => now });

    await expect(analysisOf(invoca, 'late')).resolves.toEqual(notYet);
    now = readyAt;
    await expect(analysisOf(invoca, 'late')).resolves.toMatchObject({ kind: 'analysis', none: false });
    await expect(analysisOf(invoca, 'silent')).resolves.toEqual(notYet);
  });

  it.each([
    ['not-applicable', 'not-applicable: neither summary nor sentiment'],
    [403, 'not-applicable: answered 403'],
    [404, 'not-applicable: answered 404'],
  ] as const)('is not applicable if the feature is %s', async (analysis, reason) => {
    const invoca = await startInvoca({ transcripts: [{ callId: aCallId }], analysis });

    await expect(analysisOf(invoca)).resolves.toEqual({ kind: 'not-applicable', reason });
  });

  it('contains a single part if the other is missing', async () => {
    const summaryOnly = { transcript_summary: { status: 'available', text: 'S' }, sentiment: { status: 'pending' } };
    const sentimentOnly = {
      transcript_summary: { status: 'not_applicable' },
      sentiment: { status: 'available', overall: { score: '0.12345678901234567891' }, agent: { label: 'calm' } },
    };

    await expect(answered(summaryOnly)).resolves.toMatchObject({
      kind: 'analysis',
      analysis: { summary: 'S', sentiment: null },
      none: false,
    });
    await expect(answered(sentimentOnly)).resolves.toMatchObject({
      analysis: {
        summary: null,
        sentiment: { label: null, score: 0.12345678901234568, agent: { label: 'calm', score: null }, caller: null },
      },
    });
  });

  it.each([
    [
      'only one part not applicable',
      { transcript_summary: { status: 'not_applicable' }, sentiment: { status: 'pending' } },
    ],
    ['undocumented statuses', { transcript_summary: { status: 'secret' }, sentiment: { status: 'secret' } }],
    ['a summary without a text', { transcript_summary: { status: 'available' } }],
    [
      'a sentiment without sides',
      { sentiment: { status: 'available', overall: { score: 'secret' }, agent: 'secret' } },
    ],
    ['a summary as in the first version', { call_record_id: aCallId, transcript_summary: 'secret' }],
    ['an empty object', {}],
  ])('stays pending after %s', async (_what, body) => {
    await expect(answered(body)).resolves.toEqual(notYet);
  });

  it.each([
    ['a list', '[]', 200],
    ['null', 'null', 200],
  ])('stays pending after %s', async (_what, body, status) => {
    await expect(answered(body, status)).resolves.toEqual({
      kind: 'pending',
      reason: 'pending: the analysis is not a JSON object',
    });
  });

  it('treats a web page as garbled', async () => {
    await expect(answered('<html>secret</html>')).resolves.toEqual({
      kind: 'garbled',
      reason: 'garbled: the analysis is not JSON in UTF-8',
    });
  });

  it.each([204, 400, 410, 422])('stays pending after %i', async (status) => {
    await expect(answered('', status)).resolves.toEqual({
      kind: 'pending',
      reason: `pending: answered ${status}`,
    });
  });

  it('is too large above 4 MiB', async () => {
    await expect(answered(' '.repeat(4 * 1024 * 1024 + 1))).resolves.toMatchObject({ kind: 'too-large' });
  });

  it('keeps half characters out of the summary and the labels', async () => {
    const body = String.raw`{"transcript_summary":{"status":"available","text":"a\ud800"},"sentiment":{"status":"available","overall":{"label":"\udc00"}}}`;

    await expect(answered(body)).resolves.toMatchObject({
      analysis: { summary: 'a\ufffd', sentiment: { label: '\ufffd', score: null } },
    });
  });

  it.each([
    [401, 'refused'],
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [504, 'too-much'],
  ])('fails with %i, which does not concern the call', async (status, kind) => {
    const look = answered('', status);

    await expect(look).rejects.toBeInstanceOf(SourceError);
    await expect(look).rejects.toMatchObject({ kind, status });
  });
});
