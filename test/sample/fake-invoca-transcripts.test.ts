import { describe, expect, it } from 'vitest';
import { answerWith } from '../../src/sample/faults.js';
import { ask } from '../support/ask-invoca.js';
import { startInvoca } from '../support/fake-invoca.js';

const path = '/call/transcript/C-1';
const analysisPath = '/call/v2/transcript_analysis/C-1';
const conversation = 'transcript_format=caller_agent_conversation';
const turns = [{ agent: 'Hello?' }, { caller: 'Hi.' }, { agent: 'Yes?' }];

describe('the transcript endpoint', () => {
  it.each([
    ['caller_agent_conversation', turns],
    ['caller_agent_block', [{ agent: 'Hello? Yes?' }, { caller: 'Hi.' }]],
    ['agent', [{ agent: 'Hello? Yes?' }]],
    ['caller', [{ caller: 'Hi.' }]],
  ])('serves the format %s', async (format, body) => {
    const invoca = await startInvoca({ transcripts: [{ callId: 'C-1', turns }] });

    await expect(ask(invoca, { path, query: `transcript_format=${format}` })).resolves.toEqual({ status: 200, body });
  });

  it.each([
    ['a missing format', { path, query: '' }, 403],
    ['an unknown format', { path, query: 'transcript_format=srt' }, 403],
    ['a format given twice', { path, query: `${conversation}&${conversation}` }, 403],
    ['an unknown parameter', { path, query: `${conversation}&language=en` }, 403],
    ['a version in the path', { path: `/api/2020-10-01${path}`, query: conversation }, 404],
    ['an unknown call', { path: '/call/transcript/C-2', query: conversation }, 404],
    ['a call id that cannot be decoded', { path: '/call/transcript/%zz', query: conversation }, 404],
    ['no call id', { path: '/call/transcript/', query: conversation }, 404],
    ['a missing token', { path, query: conversation, headers: {} }, 401],
    ['another method', { path, query: conversation, method: 'POST' as const }, 405],
    ['parameters of the analysis', { path: analysisPath, query: conversation }, 403],
    ['an unknown analysis', { path: '/call/v2/transcript_analysis/C-2' }, 404],
    ['an analysis without a token', { path: analysisPath, headers: {} }, 401],
  ])('refuses %s', async (_what, request, status) => {
    const invoca = await startInvoca({ transcripts: [{ callId: 'C-1', turns }] });

    await expect(ask(invoca, request)).resolves.toMatchObject({
      status,
      body: { errors: { class: expect.stringMatching(/./) as string } },
    });
  });

  it('sends default turns if the plan has none', async () => {
    const invoca = await startInvoca({ transcripts: [{ callId: 'C-1' }] });

    await expect(ask(invoca, { path, query: conversation })).resolves.toMatchObject({ status: 200 });
    await expect(ask(invoca, { path: analysisPath })).resolves.toMatchObject({
      body: { call_record_id: 'C-1', transcript_summary: { status: 'available' }, sentiment: { status: 'available' } },
    });
  });

  it('sends more than 4 MiB if planned', async () => {
    const invoca = await startInvoca({ transcripts: [{ callId: 'C-1', turns, fate: 'too-large' }] });

    const { body } = await ask(invoca, { path, query: conversation });

    expect(JSON.stringify(body).length).toBeGreaterThan(4 * 1024 * 1024);
    expect(body).toMatchObject({ 0: turns[0] });
  });

  it('sends an object of an undocumented shape if planned', async () => {
    const invoca = await startInvoca({ transcripts: [{ callId: 'C-1', fate: 'unknown-shape' }] });

    await expect(ask(invoca, { path, query: conversation })).resolves.toMatchObject({
      status: 200,
      body: { transcript: {} },
    });
  });
});

describe('the requests by call', () => {
  it('are counted for transcripts, transcripts sent, and analyses', async () => {
    const readyAt = new Date('2025-06-02T18:00:00Z');
    let now = new Date(0);
    const transcripts = [{ callId: 'C-1', turns, readyAt, notYet: 'empty-list' as const }];
    const invoca = await startInvoca({ transcripts, now: () => now });
    invoca.plan({ answer: answerWith({ status: 503, body: '{}' }) });

    for (const instant of [new Date(0), new Date(0), readyAt]) {
      now = instant;
      await ask(invoca, { path, query: conversation });
    }
    await ask(invoca, { path: analysisPath });
    await ask(invoca, { path: '/call/transcript/C-2', query: conversation });
    await ask(invoca);

    expect(Object.fromEntries(invoca.requestsByCall)).toEqual({
      'C-1': { transcript: 3, delivered: 1, analysis: 1 },
      'C-2': { transcript: 1, delivered: 0, analysis: 0 },
    });
  });
});
