import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TranscriptAnswer } from '../../../src/domain/transcripts/answers.js';
import { readAnalysisBody } from '../../../src/sources/invoca/transcript-analysis.js';
import { readTranscript } from '../../../src/sources/invoca/transcript-client.js';

/** Matches reasons: no other word of an answer may get into one. */
const allowedReason =
  /^(not-ready|gone|too-large|none|pending|garbled|not-applicable|refused): (no words in the answer|RecordNotFound|an error with status 200|the answer is (empty|not text|a web page|JSON that breaks off)|more than 100000 turns|the analysis is not (a JSON object|JSON in UTF-8)|no_transcript|transcript_too_short|neither summary nor sentiment( yet)?)$/;

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('agent', 'available', 'no_transcript'),
);
const json = fc.jsonValue({ maxDepth: 4 });

const turn = fc.dictionary(text, text, { minKeys: 1, maxKeys: 1 });
const transcriptLike = fc.oneof(
  json,
  fc.array(fc.oneof({ weight: 5, arbitrary: turn }, json)),
  fc.array(turn),
  fc.record({ errors: fc.oneof(json, fc.record({ class: fc.oneof(fc.constant('RecordNotFound'), text) })) }),
);

const status = fc.oneof(
  fc.constantFrom('available', 'pending', 'transcript_too_short', 'no_transcript', 'not_applicable'),
  json,
);
const side = fc.oneof(fc.record({ label: fc.oneof(text, json), score: fc.oneof(fc.double(), json) }), json);
const analysisLike = fc.oneof(
  json,
  fc.record(
    {
      transcript_summary: fc.oneof(fc.record({ status, text: fc.oneof(text, json) }), json),
      sentiment: fc.oneof(fc.record({ status, overall: side, agent: side, caller: side }), json),
    },
    { requiredKeys: [] },
  ),
);

function bodyOf(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function readTranscriptBody(body: Uint8Array): TranscriptAnswer {
  return readTranscript({ status: 200, body: Buffer.from(body) });
}

/** Keys that may name the speaker, which have a meaning next to a turn. */
function withoutNames(more: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(more).filter(([name]) => !/^(agent|caller|text|content|message|words)$/i.test(name)),
  );
}

describe('reading a transcript', () => {
  it('never throws, and never repeats an answer in a reason', () => {
    fc.assert(
      fc.property(transcriptLike, (value) => {
        const answer = readTranscriptBody(bodyOf(value));

        if ('reason' in answer) expect(answer.reason).toMatch(allowedReason);
      }),
      { numRuns: 500 },
    );
  });

  it('never throws for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(readTranscriptBody(bytes).kind).not.toBe('gone');
        expect(readAnalysisBody(bytes).kind).not.toBe('analysis');
      }),
    );
  });

  it('keeps every turn with words, in order, and only text that can be stored', () => {
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1 }), (turns) => {
        fc.pre(turns.some((spoken) => Object.values(spoken).join('').trim() !== ''));

        const answer = readTranscriptBody(bodyOf(turns));

        const expected = turns.flatMap((spoken) =>
          Object.entries(spoken).map(([speaker, said]) => ({
            speaker: speaker.toWellFormed(),
            text: said.toWellFormed(),
          })),
        );
        expect(answer).toEqual({
          kind: 'ready',
          turns: expected,
          text: expected.map((each) => `${each.speaker}: ${each.text}`).join('\n'),
        });
      }),
    );
  });

  it('loses no turn because of an odd one next to it', () => {
    const oddTurn = fc.oneof(
      fc.constantFrom(null, 7, true, 'text', [], {}, ['text'], [{ agent: 'text' }]),
      fc.record({ agent: fc.constantFrom(null, 7, true, [], {}, ['text']) }),
    );
    const words = fc.string({ minLength: 1 }).filter((said) => said.trim() !== '');
    const goodTurn = fc.tuple(
      words,
      fc.constantFrom('agent', 'caller'),
      fc.dictionary(text, fc.constantFrom(null, 7, 'more'), { maxKeys: 2 }),
    );

    fc.assert(
      fc.property(fc.array(fc.tuple(goodTurn, oddTurn), { minLength: 1 }), (pairs) => {
        const body = pairs.flatMap(([[said, speaker, more], odd]) => [{ ...withoutNames(more), [speaker]: said }, odd]);

        expect(readTranscriptBody(bodyOf(body))).toMatchObject({
          kind: 'ready',
          turns: pairs.map(([[said, speaker]]) => ({ speaker, text: said.toWellFormed() })),
        });
      }),
    );
  });

  it('keeps any JSON that is neither a list nor an error unchanged', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (value) => {
        fc.pre(!['errors', 'error', 'fault', 'exception', 'success', 'ok', 'status'].some((name) => name in value));

        const answer = readTranscriptBody(bodyOf(value));

        expect(answer).toMatchObject({ kind: 'unknown-shape', text: JSON.stringify(value).toWellFormed() });
      }),
    );
  });

  it('never returns half a conversation for one that is cut off', () => {
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1 }), fc.nat(), (turns, cut) => {
        const body = bodyOf(turns);

        const answer = readTranscriptBody(body.subarray(0, cut % body.length));

        expect(answer.kind).toBe('garbled');
      }),
    );
  });

  it('reads a list of the deepest possible nesting', () => {
    const depth = 500_000;

    expect(readTranscriptBody(Buffer.from(`${'['.repeat(depth)}7${']'.repeat(depth)}`)).kind).toBe('unknown-shape');
    expect(readAnalysisBody(Buffer.from(`{"sentiment":${'['.repeat(depth)}${']'.repeat(depth)}}`)).kind).toBe(
      'pending',
    );
  });
});

describe('reading an analysis', () => {
  it('never throws, never repeats an answer in a reason, and rules nothing out without a reason', () => {
    fc.assert(
      fc.property(analysisLike, (value) => {
        const answer = readAnalysisBody(bodyOf(value));

        if (answer.reason !== null) expect(answer.reason).toMatch(allowedReason);
        if (answer.kind !== 'analysis') return;
        const { summary, sentiment } = answer.analysis;
        expect(answer.none).toBe(answer.reason !== null);
        expect(answer.none || summary !== null || sentiment !== null).toBe(true);
        expect(summary?.isWellFormed() ?? true).toBe(true);
        for (const one of [sentiment, sentiment?.agent, sentiment?.caller]) {
          expect(one?.label?.isWellFormed() ?? true).toBe(true);
          expect(Number.isFinite(one?.score ?? 0)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
