import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crediraCallFromFields, foldCrediraCall, mergeCredira } from '../../../src/domain/credira/credira-call.js';
import { SCHEMA_VERSION } from '../../../src/domain/document/exported-line.js';
import { lineSchema } from '../../../src/domain/document/json-schema.js';
import { mergeCall } from '../../../src/domain/invoca/merge.js';
import type { TranscriptState } from '../../../src/domain/transcripts/transcript.js';
import { newCallDocument, toStoredCall } from '../../../src/store/calls/call-document.js';
import type { ExportedLine } from '../../../src/store/calls/export-calls.js';
import { foldAll, histories, SEEN_AT, SEEN_LATER } from '../../support/a-transaction.js';
import { createReader, lineErrors } from '../../support/line-errors.js';

const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures/schema-versions.json', import.meta.url), 'utf8'),
) as Record<string, string>;

/** Returns the schema without notes for people, names in order. */
function structureOf(schema: unknown): unknown {
  // The order of names has no meaning either.
  if (Array.isArray(schema))
    return schema.map(structureOf).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.entries(schema).filter(
    ([name, value]) =>
      !['title', 'description', 'examples'].includes(name) || (typeof value === 'object' && !Array.isArray(value)),
  );
  return Object.fromEntries(
    members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, structureOf(value)]),
  );
}

const instants = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
const conversations = fc.record({
  text: fc.option(fc.string()),
  turns: fc.array(fc.record({ speaker: fc.string(), text: fc.string() }), { maxLength: 2 }),
});
const sentiments = fc.record({
  label: fc.option(fc.string()),
  score: fc.option(fc.double({ noNaN: true, min: -1, max: 1 })),
});
const analyses = fc.record(
  {
    status: fc.constant('too_large' as const),
    summary: fc.option(fc.string()),
    sentiment: fc.option(
      fc
        .tuple(sentiments, fc.option(sentiments), fc.option(sentiments))
        .map(([all, agent, caller]) => ({ ...all, agent, caller })),
    ),
  },
  { requiredKeys: ['summary', 'sentiment'] },
);
const states = fc.record(
  {
    status: fc.constantFrom('pending', 'available', 'none', 'forbidden', 'gone', 'expired', 'too_large', 'off'),
    lane: fc.constantFrom('fresh', 'old'),
    attempts: fc.nat(),
    nextAttemptAt: fc.option(instants),
    fetchedAt: fc.option(instants),
    reason: fc.option(fc.string()),
    forbiddenAt: instants,
    analysis: analyses,
  },
  { requiredKeys: ['status', 'lane', 'attempts', 'nextAttemptAt', 'fetchedAt', 'reason'] },
);
const transcripts: fc.Arbitrary<TranscriptState> = fc
  .tuple(states, conversations)
  .map(([state, conversation]) => ({ ...state, ...conversation }));

const ids = { account: 'acme', callId: '7F3A-1C' };

const invocaCalls = fc
  .record({ history: histories, transcript: transcripts })
  .map(({ history, transcript }) =>
    toStoredCall(newCallDocument({ ...ids, merged: mergeCall(foldAll(history)), transcript, createdAt: SEEN_AT })),
  );

const crediraFields = fc.dictionary(
  fc.oneof(
    fc.constantFrom('status', 'from', 'to', 'duration', 'start_time', 'call_recording_url', 'a.b', '$x'),
    fc.string(),
  ),
  fc.oneof(fc.constantFrom('2024-05-02T16:41:30Z', '+1 775 555 0143', '180'), fc.jsonValue({ maxDepth: 2 })),
);
const crediraCalls = fc
  .record({ first: crediraFields, second: crediraFields, transcript: transcripts, detailsAskedAt: fc.option(instants) })
  .map(({ first, second, transcript, detailsAskedAt }) => {
    const [before, after] = [first, second].map((fields, index) =>
      crediraCallFromFields({ callId: ids.callId, fields, seenAt: index === 0 ? SEEN_AT : SEEN_LATER }),
    );
    const call = before === undefined || after === undefined ? before : foldCrediraCall(before, after).call;
    const merged = mergeCredira(call ?? crediraCallFromFields({ callId: ids.callId, fields: first, seenAt: SEEN_AT }));
    return {
      _id: 'acme:7F3A-1C',
      schemaVersion: 1,
      ...ids,
      source: 'credira',
      ...merged,
      detailsAskedAt,
      transcript,
      revision: 1,
      createdAt: SEEN_AT,
      updatedAt: SEEN_AT,
    } as const;
  });

/** Returns a line as a reader gets it. */
function asRead(line: ExportedLine): Record<string, unknown> {
  return JSON.parse(JSON.stringify(line)) as Record<string, unknown>;
}

const ERASED = {
  _id: 'acme:1',
  account: 'acme',
  callId: '1',
  erased: true,
  erasedAt: SEEN_AT,
  updatedAt: SEEN_AT,
} as const;

const [AN_INVOCA_CALL] = fc.sample(invocaCalls, { numRuns: 1, seed: 1 });

describe('the schema of an exported line', () => {
  it('changes only with a new schemaVersion; descriptions and examples may change', () => {
    const hash = createHash('sha256')
      .update(JSON.stringify(structureOf(lineSchema())))
      .digest('hex');

    expect(
      hash,
      `The structure of the document differs from version ${SCHEMA_VERSION}. Readers rely on it: raise SCHEMA_VERSION and ` +
        'add the new hash to test/fixtures/schema-versions.json; never change a hash that is there',
    ).toBe(recorded[SCHEMA_VERSION]);
    expect(Object.keys(recorded)).toEqual(Array.from({ length: SCHEMA_VERSION }, (_, index) => String(index + 1)));
  });

  it('accepts every call of Invoca that the merge makes, with and without its conversation', () => {
    fc.assert(
      fc.property(invocaCalls, (call) => {
        const { text: _text, turns: _turns, analysis: _analysis, ...transcript } = call.transcript;
        expect(lineErrors(asRead(call))).toEqual([]);
        expect(lineErrors(asRead({ ...call, transcript }))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('accepts every call of Credira that the merge makes', () => {
    fc.assert(
      fc.property(crediraCalls, (call) => {
        expect(lineErrors(asRead(call))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('accepts an erased call', () => {
    expect(lineErrors(asRead(ERASED))).toEqual([]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['source', { source: 'other' }],
    ['startedAt', { startedAt: '2024-05-02' }],
    ['startedAt', { startedAt: undefined }],
    ['durationSeconds', { durationSeconds: '214' }],
    ['revenue', { revenue: '80,00' }],
    ['revenue', { revenue: 80 }],
    ['schemaVersion', { schemaVersion: 2 }],
    ['customData', { customData: [{ name: 'a', dataType: null, source: null, value: null, transactionId: '1' }] }],
    ['columns', { columns: { a: null } }],
    ['transcript', { transcript: { status: 'lost' } }],
    ['unknown', { unknown: 1 }],
  ])('refuses a call with another %s', (field, change) => {
    if (AN_INVOCA_CALL === undefined) throw new Error('no call was made');
    const line = JSON.parse(JSON.stringify({ ...AN_INVOCA_CALL, ...change })) as unknown;

    expect(lineErrors(line).join('\n')).toContain(field);
  });

  it.each([{ erased: false }, { erasedAt: null }, { callId: undefined }])(
    'refuses an erased call with %j',
    (change) => {
      expect(lineErrors(JSON.parse(JSON.stringify({ ...ERASED, ...change })))).not.toEqual([]);
    },
  );

  it('leaves a reader room for fields of later versions', () => {
    const isLine = createReader().compile(lineSchema());

    expect(isLine({ ...asRead(ERASED), later: 1 })).toBe(true);
    if (AN_INVOCA_CALL === undefined) throw new Error('no call was made');
    expect(isLine({ ...asRead(AN_INVOCA_CALL), later: 1 })).toBe(true);
  });

  it('describes every object and field, with examples that are valid', () => {
    const { $id, $defs } = lineSchema();
    const reader = createReader().addSchema(lineSchema());
    let examples = 0;
    for (const [name, definition] of Object.entries($defs)) {
      expect(definition.description, name).toMatch(/\S\.$/);
      for (const [field, schema] of Object.entries(definition.properties ?? {})) {
        expect(schema.description, `${name}.${field}`).toMatch(/\S\.$/);
        for (const example of schema.examples ?? []) {
          const isValid = reader.getSchema(`${$id}#/$defs/${name}/properties/${field}`);
          expect(isValid?.(example), `${name}.${field}: ${JSON.stringify(example)}`).toBe(true);
          examples += 1;
        }
      }
    }
    expect(examples).toBeGreaterThan(40);
  });
});
