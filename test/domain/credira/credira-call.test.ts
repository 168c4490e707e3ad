import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  crediraCallFromFields,
  crediraCallOf,
  foldCrediraCall,
  mergeCredira,
  type CrediraCall,
} from '../../../src/domain/credira/credira-call.js';
import { fieldName } from '../../../src/domain/credira/credira-fields.js';
import { crediraStoryOf } from '../../../src/domain/credira/credira-story.js';
import { pagesOf, SEEN_AT, SEEN_LAST, SEEN_LATER, shuffledAndRepeated } from '../../support/a-transaction.js';
import { BLANK_FIELDS } from '../../support/blank-fields.js';

function seen(fields: Readonly<Record<string, unknown>>, seenAt = SEEN_AT): CrediraCall {
  return crediraCallFromFields({ callId: 'call_1', fields, seenAt });
}

/** Returns the stored call after these were seen one after the other. */
function foldAll(calls: readonly CrediraCall[], before: CrediraCall | null = null): CrediraCall | null {
  return calls.reduce<CrediraCall | null>((stored, call) => foldCrediraCall(stored, call).call, before);
}

const blanks = [null, '', [], {}] as const;
const names = ['status', 'duration', 'tags', 'a.b', '$where', '__proto__', '', 'id', '7'] as const;
const values = fc.oneof(
  fc.constantFrom<unknown[]>(...blanks, 'completed', 'initiated', 0, '0', 180, '180', true, false),
  fc.constantFrom<unknown[]>(['b', 'a'], ['a', 'b'], '["a","b"]', { x: 1, y: null }, { y: null, x: 1 }, [
    { 'a.b': [] },
  ]),
);
const readings = fc
  .record({
    fields: fc.uniqueArray(fc.tuple(fc.constantFrom(...names), values), { selector: ([name]) => name }),
    seenAt: fc.constantFrom(SEEN_AT, SEEN_LATER, SEEN_LAST),
  })
  .map(({ fields, seenAt }) => seen(Object.fromEntries(fields), seenAt));
const histories = fc.array(readings, { minLength: 1, maxLength: 8 });

describe('foldCrediraCall', () => {
  it('prefers a value to a blank, whichever came first', () => {
    for (const blank of blanks) {
      const stored = seen({ summary: 'Paid', status: 'completed' });

      expect(foldCrediraCall(stored, seen({ summary: blank }, SEEN_LATER))).toEqual({ call: stored, changed: false });
      expect(foldAll([seen({ summary: blank }), seen({ summary: 'Paid' }, SEEN_LATER)])?.fields).toEqual({
        summary: 'Paid',
      });
    }
  });

  it('prefers the value first seen later, and keeps the superseded one as a sighting', () => {
    const folded = foldAll([seen({ status: 'completed' }, SEEN_LATER), seen({ status: 'initiated' })]);

    expect(folded).toStrictEqual({
      callId: 'call_1',
      firstSeenAt: SEEN_AT,
      fields: { status: 'completed' },
      sightings: [
        { column: 'status', firstSeenAt: SEEN_LATER },
        { column: 'status', value: 'initiated', firstSeenAt: SEEN_AT },
      ],
    });
  });

  it('keeps the fields that only a request for the single call returns when a list is read again', () => {
    const byId = seen({ status: 'completed', tags: ['promise'], summary: 'Paid' });

    expect(foldCrediraCall(byId, seen({ status: 'completed' }, SEEN_LATER)).changed).toBe(false);
  });

  it('treats a duration of 0 as a blank if there is another value', () => {
    expect(foldAll([seen({ duration: 180 }), seen({ duration: 0 }, SEEN_LATER)])?.fields).toEqual({ duration: 180 });
    expect(foldAll([seen({ duration: 0 })])?.fields).toEqual({ duration: 0 });
  });

  it('distinguishes a list from its text', () => {
    const folded = foldAll([seen({ tags: ['a'] }), seen({ tags: '["a"]' }, SEEN_LATER)]);

    expect(folded?.fields).toEqual({ tags: '["a"]' });
    expect(folded?.sightings).toContainEqual({ column: 'tags', value: ['a'], firstSeenAt: SEEN_AT });
  });

  it('gives the same result for any order, repetition and division between stored and seen calls', () => {
    const twoWays = histories.chain((history) =>
      fc.record({
        one: shuffledAndRepeated(history),
        pages: shuffledAndRepeated(history).chain(pagesOf),
      }),
    );

    fc.assert(
      fc.property(twoWays, ({ one, pages }) => {
        const folded = pages
          .filter((page) => page.length > 0)
          .map((page) => foldAll(page))
          .filter((page) => page !== null);

        expect(JSON.stringify(foldAll(folded))).toBe(JSON.stringify(foldAll(one)));
      }),
      { numRuns: 400 },
    );
  });

  it('is idempotent, and reports a change exactly if there is something to write', () => {
    fc.assert(
      fc.property(histories, histories, (a, b) => {
        const stored = foldAll(a);
        const other = foldAll(b);
        if (stored === null || other === null) return;

        const { call, changed } = foldCrediraCall(structuredClone(stored), other);

        expect(changed).toBe(JSON.stringify(call) !== JSON.stringify(stored));
        expect(foldCrediraCall(call, other)).toEqual({ call, changed: false });
        expect(foldCrediraCall(call, stored)).toEqual({ call, changed: false });
      }),
    );
  });

  it('keeps in each field the value that was first seen last, blanks left out', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const folded = foldAll(history);

        for (const name of new Set(history.flatMap(({ fields }) => Object.keys(fields)))) {
          const stated = history.flatMap(({ fields, firstSeenAt }) =>
            name in fields ? [{ text: JSON.stringify(fields[name]), at: firstSeenAt.getTime() }] : [],
          );
          const isZero = (text: string) => name === 'duration' && (text === '0' || text === '"0"');
          const counted = stated.some(({ text }) => !isZero(text))
            ? stated.filter(({ text }) => !isZero(text))
            : stated;
          const since = (text: string) =>
            Math.min(...counted.filter((other) => other.text === text).map(({ at }) => at));
          const [holding] = counted
            .map(({ text }) => text)
            .sort((a, b) => since(b) - since(a) || (a < b ? 1 : a > b ? -1 : 0));
          expect(JSON.stringify(folded?.fields[name])).toBe(holding);
        }
      }),
    );
  });
});

describe('crediraCallFromFields', () => {
  it('keeps every field except the id, including unknown ones, lists and objects, in a fixed order', () => {
    const { fields } = seen({ status: 'x', id: 'call_1', metadata: { b: 1, a: [null, ''] }, brand_new: false });

    expect(JSON.stringify(fields)).toBe('{"brand_new":false,"metadata":{"a":[null,""],"b":1},"status":"x"}');
  });

  it('makes each name a valid and unique key in MongoDB', () => {
    const named = JSON.parse('{"a.b":1,"a%2Eb":2,"$set":3,"__proto__":4,"":5,"%":6,"a\\u0000":7,"cost$":8}') as object;

    expect(Object.entries(seen({ ...named }).fields)).toEqual([
      ['%', 5],
      ['%24set', 3],
      ['%25', 6],
      ['%5F_proto__', 4],
      ['a%00', 7],
      ['a%252Eb', 2],
      ['a%2Eb', 1],
      ['cost$', 8],
    ]);
    expect(seen({ metadata: { 'crm.id': 1 } }).fields).toEqual({ metadata: { 'crm%2Eid': 1 } });
    const namesOfSource = Object.keys(seen({ ...named }).fields).map(fieldName);
    expect(namesOfSource.sort()).toEqual(Object.keys(named).sort());
  });

  it('is told of with the names that Credira gives its fields', () => {
    const { fields: credira } = seen({ 'crm.id': 'A', metadata: [{ 'a.b': 1, __x: { $y: null } }] });

    expect(crediraStoryOf({ credira, firstSeenAt: SEEN_AT })).toEqual([
      {
        at: SEEN_AT,
        changes: [
          { what: 'crm.id', from: null, to: 'A' },
          { what: 'metadata', from: null, to: '[{"__x":{"$y":null},"a.b":1}]' },
        ],
      },
    ]);
  });

  it('refuses a field that is nested too deeply to be stored', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 41; level += 1) deep = [deep];

    expect(() => seen({ deep })).toThrow(RangeError);
  });
});

describe('mergeCredira', () => {
  it('returns the top-level values of every source, and all fields of Credira', () => {
    const fields = {
      status: 'completed',
      duration: '180',
      from: '+17755550110',
      to: '+17755550143',
      call_recording_url: 'https://api.credira.com/recordings/call_1.mp3',
      created_time: '2024-01-15T10:30:00Z',
      start_time: '2024-01-15T10:31:00Z',
    };

    expect(mergeCredira(seen(fields))).toEqual({
      ...BLANK_FIELDS,
      startedAt: new Date('2024-01-15T10:31:00Z'),
      durationSeconds: 180,
      connectSeconds: null,
      ivrSeconds: null,
      from: '+17755550110',
      to: '+17755550143',
      fromKey: '7755550110',
      result: 'completed',
      revenue: null,
      signals: [],
      customData: [],
      provenance: {},
      recordingUrl: 'https://api.credira.com/recordings/call_1.mp3',
      credira: fields,
      firstSeenAt: SEEN_AT,
    });
  });

  it('uses the creation as the start of a call without a readable start, and null for unreadable values', () => {
    expect(mergeCredira(seen({ start_time: 'soon', created_time: '2024-01-15T10:30:00Z' })).startedAt).toEqual(
      new Date('2024-01-15T10:30:00Z'),
    );
    expect(mergeCredira(seen({ from: ['a'], duration: {}, status: { a: 1 }, created_time: 7 }))).toMatchObject({
      startedAt: null,
      durationSeconds: null,
      from: null,
      fromKey: null,
      result: null,
    });
  });

  it('is the inverse of crediraCallOf', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const call = foldAll(history);
        if (call === null) return;

        expect(crediraCallOf({ ...mergeCredira(call), callId: 'call_1' })).toStrictEqual(call);
      }),
    );
  });
});
