import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeCall } from '../../../src/domain/invoca/merge.js';
import type { ColumnValue } from '../../../src/domain/blank.js';
import type { Transaction } from '../../../src/domain/invoca/transaction.js';
import { aTransaction, calls, withoutSightings } from '../../support/a-transaction.js';
import {
  byRank,
  chainsByLaw,
  countedInChain,
  customDatumByLaw,
  isSignalEntry,
  kindByLaw,
  newestAcross,
  primaryByLaw,
  recency,
  signalByLaw,
  startByLaw,
} from '../../support/laws.js';

describe('law 4, signals', () => {
  it('lists each name once, with the newest change across chains and the newest spelling', () => {
    fc.assert(
      fc.property(calls, (call) => {
        const chains = chainsByLaw(call);
        const named = (row: Transaction): string[] => [
          ...row.customData.filter(isSignalEntry).map(({ name }) => name),
          ...(row.type === 'Signal' ? [String(row.columns['signal_name'] ?? '')] : []),
        ];
        const keys = [...new Set(call.flatMap(named).map((name) => name.toLowerCase()))]
          .filter((key) => key !== '')
          .sort();
        const expected = keys.flatMap((key) => {
          const counted = newestAcross(chains.map((chain) => countedInChain(chain, (row) => signalByLaw(row, key))));
          return counted === undefined ? [] : [{ key, value: counted.value, transactionId: counted.row.transactionId }];
        });

        const { signals } = mergeCall(call);

        expect(
          signals.map(({ name, value, transactionId }) => ({ key: name.toLowerCase(), value, transactionId })),
        ).toEqual(expected);
        for (const { name } of signals) {
          const key = name.toLowerCase();
          const speaking = [...call].sort(byRank(recency)).findLast((row) => signalByLaw(row, key) !== null);
          expect(speaking && named(speaking)).toContain(name);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('law 5, custom data', () => {
  it("lists the names that the chains' newest rows state, with the newest change of each", () => {
    fc.assert(
      fc.property(calls, (call) => {
        const chains = chainsByLaw(call);
        const names = [...new Set(call.flatMap(({ customData }) => customData.map(({ name }) => name)))];
        const expected = names.flatMap((name) => {
          const said = (row: Transaction): ColumnValue | null => customDatumByLaw(row, name)?.value ?? null;
          const counted = newestAcross(
            chains.map((chain) => (said(chain.newest) === null ? null : countedInChain(chain, said))),
          );
          if (counted === undefined) return [];
          const { dataType = null, source = null } = customDatumByLaw(counted.row, name) ?? {};
          return [{ name, dataType, source, value: counted.value, transactionId: counted.row.transactionId }];
        });

        expect(mergeCall(call).customData).toEqual(expected.sort(byRank(({ name }) => [name.toLowerCase(), name])));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('law 6, revenue', () => {
  /** Amounts in units of 10^-15. */
  const AMOUNTS = new Map<ColumnValue, bigint>([
    ['0.0', 0n],
    ['80.0', 80n * 10n ** 15n],
    ['$1,234.50', 12_345n * 10n ** 14n],
    ['-5', -5n * 10n ** 15n],
    ['CA$12.50', 125n * 10n ** 14n],
    ['₹1,00,000.00', 10n ** 20n],
    ['(80.00)', -80n * 10n ** 15n],
    ['EUR 80', 80n * 10n ** 15n],
    ['12.340000000000001', 12_340_000_000_000_001n],
    [7.25, 725n * 10n ** 13n],
  ]);

  function unitsOf(decimal: string): bigint {
    const [whole = '', fraction = ''] = decimal.split('.');
    return BigInt(whole + fraction.padEnd(15, '0'));
  }

  it('is the exact sum of the newest amounts of the primary leg and each event; unreadable ones are counted', () => {
    fc.assert(
      fc.property(calls, (call) => {
        const { revenue, provenance } = mergeCall(call);

        const chains = chainsByLaw(call);
        const primary = primaryByLaw(chains);
        const asked = chains.filter((chain) => chain.kind !== 'call' || chain === primary);
        const stating = asked.flatMap(({ newest }) => {
          const amount = AMOUNTS.get(newest.columns['revenue'] ?? '');
          return amount === undefined ? [] : [{ amount, id: newest.transactionId }];
        });
        const sum = stating.reduce((total, { amount }) => total + amount, 0n);
        expect(revenue === null ? null : unitsOf(revenue)).toBe(stating.length === 0 ? null : sum);
        const adding = stating.filter(({ amount }) => amount !== 0n);
        expect([...(provenance.revenue ?? [])].sort()).toEqual(
          (adding.length > 0 ? adding : stating).map(({ id }) => id).sort(),
        );
        const unreadable = asked.filter(({ newest }) => /^(12,50|abc)$/.test(String(newest.columns['revenue'])));
        expect(provenance.unreadableAmounts ?? 0).toBe(unreadable.length);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('law 7, spellings', () => {
  it('treats numbers and their texts, and all spellings of a type, alike', () => {
    const respelled = (row: Transaction): Transaction => {
      const columns = Object.entries(row.columns).map(([name, value]): [string, ColumnValue] => {
        if (typeof value === 'number') return [name, String(value)];
        return name === 'transaction_type' ? [name, String(value).toUpperCase().replaceAll(' ', '-')] : [name, value];
      });
      return { ...aTransaction({ ...row, columns: Object.fromEntries(columns) }), customData: row.customData };
    };

    fc.assert(
      fc.property(calls, (call) => {
        const known = call.filter(({ type }) => kindByLaw(type) !== 'other');
        const { columns, ...merged } = withoutSightings(mergeCall(known));
        const { columns: others, ...same } = withoutSightings(mergeCall(known.map(respelled)));

        const asTypesGo = (call: typeof merged): typeof merged => ({
          ...call,
          events: call.events.map(({ type: _type, ...event }) => event),
        });
        expect(asTypesGo(same)).toEqual(asTypesGo(merged));
        expect(Object.keys(others)).toEqual(Object.keys(columns));
      }),
    );
  });
});

describe('law 8, the start', () => {
  it('is start_time_utc, else start_time_xml, else unknown', () => {
    fc.assert(
      fc.property(calls, (call) => {
        for (const row of call) {
          const start = startByLaw(row);

          expect(mergeCall([row]).startedAt?.getTime() ?? -Infinity).toBe(start);
        }
      }),
    );
  });
});
