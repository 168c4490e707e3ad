import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NamedValues, idsOfWebhook } from '../../../src/domain/nudges/ids-of-webhook.js';

/** Returns the ids as one short text: "calls A B, transactions T, ignored 1". */
function found(...parts: readonly unknown[]): string {
  const { ids, ignored } = idsOfWebhook(parts);
  return `calls ${ids.callIds.join(' ')}, transactions ${ids.transactionIds.join(' ')}, ignored ${ignored}`;
}

/** Wraps the value in this many lists or objects. */
function nested(levels: number, value: unknown, wrap: (inner: unknown) => unknown): unknown {
  let all = value;
  for (let level = 0; level < levels; level += 1) all = wrap(all);
  return all;
}

const inList = (inner: unknown): unknown => [inner];
const inObject = (inner: unknown): unknown => ({ data: inner });

const id = fc
  .stringMatching(/^[0-9A-Za-z_-]{1,64}$/)
  .filter((text) => /[A-Za-z]/.test(text) || !/^\d{7,15}$/.test(text.replaceAll(/[_-]/g, '')));
const spelling = fc
  .constantFrom('complete_call_id', 'call_record_id', 'call_id')
  .chain((name) => fc.tuple(...Array.from(name, spellingsOf)))
  .map((letters) => letters.join(''));

function spellingsOf(letter: string): fc.Arbitrary<string> {
  return letter === '_' ? fc.constantFrom('', '_', '__') : fc.constantFrom(letter, letter.toUpperCase());
}

describe('the ids of a webhook', () => {
  it.each([
    [{ complete_call_id: 'C-1' }, 'calls C-1, transactions , ignored 0'],
    [{ CallRecordID: 'C-1' }, 'calls C-1, transactions , ignored 0'],
    [{ TRANSACTION_ID: 'T-1' }, 'calls , transactions T-1, ignored 0'],
    [{ callid: 'C', call_id: 'D', callId: 'C' }, 'calls C D, transactions , ignored 0'],
    [{ 'call-id': 'C', call_ids: 'C', id: 'C', corrects_transaction_id: 'T' }, 'calls , transactions , ignored 0'],
    [{ call_id: 'C', transaction_id: 'T' }, 'calls C, transactions , ignored 0'],
    [{ transaction_id: 'T', call_id: '+1 555 0100' }, 'calls , transactions T, ignored 1'],
    [{ call_id: 'C', sale: { transaction_id: 'T' } }, 'calls C, transactions T, ignored 0'],
    [[{ call_id: 'C' }, { transaction_id: 'T' }], 'calls C, transactions T, ignored 0'],
    [{ call_id: ['C', ['D'], null, { transaction_id: 'T' }] }, 'calls C D, transactions T, ignored 1'],
    [{ call_id: { transaction_id: 'T' } }, 'calls , transactions T, ignored 0'],
    [{ call_id: '', transaction_id: null }, 'calls , transactions , ignored 2'],
    [{ call_id: true, transaction_id: 'T 1' }, 'calls , transactions , ignored 2'],
    [{ call_id: 12, transaction_id: -1 }, 'calls 12, transactions , ignored 1'],
    [{ call_id: 2 ** 53 }, 'calls , transactions , ignored 1'],
    [{ call_id: 'x'.repeat(64), callId: 'x'.repeat(65) }, `calls ${'x'.repeat(64)}, transactions , ignored 1`],
    [JSON.parse('{"__proto__": {"call_id": "C"}, "constructor": "x"}'), 'calls C, transactions , ignored 0'],
    ['call_id', 'calls , transactions , ignored 0'],
    [null, 'calls , transactions , ignored 0'],
    [
      new NamedValues([
        ['call_id', 'C'],
        ['call_id', 'D'],
        ['transaction_id', 'T'],
      ]),
      'calls C D, transactions , ignored 0',
    ],
  ])('of %j are %s', (body, expected) => {
    expect(found(body)).toBe(expected);
  });

  it.each(['5550100', '555-01-00', '555_0100_', '15551234567', '123456789012345', '-1-2-3-4-5-6-7-'])(
    'do not include %s, which may be a phone number',
    (text) => {
      expect(found({ call_id: text, transaction_id: 5_550_100 })).toBe('calls , transactions , ignored 2');
    },
  );

  it.each(['123456', '1234567890123456', '00000000-00001234', '555-0100-A', '---'])('include %s', (text) => {
    expect(found({ call_id: text })).toBe(`calls ${text}, transactions , ignored 0`);
  });

  it('are looked for down to depth 8, lists included, and never below', () => {
    for (const wrap of [inList, inObject]) {
      expect(found(nested(7, { call_id: 'C' }, wrap))).toBe('calls C, transactions , ignored 0');
      expect(found(nested(8, { call_id: 'C' }, wrap))).toBe('calls , transactions , ignored 0');
      expect(found(nested(100_000, { call_id: 'C' }, wrap))).toBe('calls , transactions , ignored 0');
    }
    expect(found(nested(6, { call_id: ['C'] }, inObject))).toBe('calls C, transactions , ignored 0');
    expect(found(nested(7, { call_id: ['C'] }, inObject))).toBe('calls , transactions , ignored 0');
  });

  it('come from the body and the query, each with its own call', () => {
    const query = new NamedValues(new URLSearchParams('call_id=C&transaction_id=T'));

    expect(found({ transaction_id: 'U' }, query)).toBe('calls C, transactions U, ignored 0');
  });

  it('are 100 distinct ones at most, and those over it count as ignored once each', () => {
    const calls = Array.from({ length: 90 }, (_, index) => ({ call_id: `C${index}` }));
    const transactions = Array.from({ length: 30 }, (_, index) => ({ transaction_id: `T${index}` }));

    const { ids, ignored } = idsOfWebhook([[...calls, ...transactions, ...transactions]]);

    expect(ids.callIds).toHaveLength(90);
    expect(ids.transactionIds).toEqual(transactions.slice(0, 10).map((one) => one.transaction_id));
    expect(ignored).toBe(20);
  });

  it('are found under every spelling of their name', () => {
    fc.assert(
      fc.property(spelling, id, (name, text) => {
        expect(idsOfWebhook([{ [name]: text }])).toEqual({ ids: { callIds: [text], transactionIds: [] }, ignored: 0 });
      }),
    );
  });

  it('follow the rules of an id and the limit in any JSON', () => {
    const keys = fc.constantFrom('call_id', 'TransactionId', 'data', '__proto__', 'length');
    const leaf = fc.oneof(fc.string(), id, fc.double(), fc.boolean(), fc.constant(null));
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(leaf, fc.array(tie('value'), { maxLength: 130 }), fc.dictionary(keys, tie('value'))),
    }));
    fc.assert(
      fc.property(value, (body) => {
        const { ids, ignored } = idsOfWebhook([JSON.parse(JSON.stringify(body))]);
        const all = [...ids.callIds, ...ids.transactionIds];
        expect(all.length).toBeLessThanOrEqual(100);
        expect(ignored).toBeGreaterThanOrEqual(0);
        for (const kind of [ids.callIds, ids.transactionIds]) expect(new Set(kind).size).toBe(kind.length);
        for (const text of all) {
          expect(text).toMatch(/^[0-9A-Za-z_-]{1,64}$/);
          expect(text.replaceAll(/[_-]/g, '')).not.toMatch(/^\d{7,15}$/);
        }
      }),
    );
  });
});
