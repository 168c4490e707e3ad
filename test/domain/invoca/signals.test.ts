import { describe, expect, it } from 'vitest';
import type { CustomDataEntry, Transaction } from '../../../src/domain/invoca/transaction.js';
import { aCall, aCorrection, aField, aPostCallEvent, aSignal, mergeAll } from '../../support/a-transaction.js';

function signals(...rows: readonly Transaction[]): string[] {
  return mergeAll(...rows).signals.map(({ name, value, transactionId }) => `${name} ${value} since ${transactionId}`);
}

const call = (...nested: CustomDataEntry[]): Transaction => aCall('A', { start_time_utc: 1714600000000 }, { nested });

function correction(id: string, minute: number, ...nested: CustomDataEntry[]): Transaction {
  return aCorrection(id, { of: 'A', minute }, { nested });
}

/** Makes a post call event at an instant between the corrections of minutes `minute` and `minute + 1`. */
function event(id: string, minute: number, ...nested: CustomDataEntry[]): Transaction {
  const seconds = Date.UTC(2024, 4, 2, 12, minute, 30) / 1000;
  return aPostCallEvent(id, { signal_occurred_at: String(seconds) }, { nested });
}

describe('signals within a chain', () => {
  it('are added by true and removed by false, and stay listed', () => {
    expect(signals(call(aSignal('Quote', true)), correction('B', 1, aSignal('Quote', false)))).toEqual([
      'Quote false since B',
    ]);
  });

  it('are left alone by null and by rows that do not name them', () => {
    expect(
      signals(call(aSignal('Quote', true)), correction('B', 1, aSignal('Quote', null)), correction('C', 2)),
    ).toEqual(['Quote true since A']);
  });

  it('count from the oldest row of the unbroken run: repeating a value does not make them newer', () => {
    expect(
      signals(
        call(aSignal('Quote', false)),
        correction('B', 1, aSignal('Quote', true)),
        correction('C', 2),
        correction('D', 3, aSignal('Quote', true)),
      ),
    ).toEqual(['Quote true since B']);
  });

  it('count from the later row after they were removed and stated again', () => {
    expect(
      signals(
        call(aSignal('Quote', true)),
        correction('B', 1, aSignal('Quote', false)),
        correction('C', 2, aSignal('Quote', true)),
      ),
    ).toEqual(['Quote true since C']);
  });
});

describe('signals across chains', () => {
  it('follow the newest change, not the newest row', () => {
    const restated = [call(aSignal('Sale', true)), correction('B', 9, aSignal('Sale', true))];

    expect(signals(...restated, event('E', 5, aSignal('Sale', false)))).toEqual(['Sale false since E']);
    expect(signals(call(), correction('B', 9, aSignal('Sale', true)), event('E', 5, aSignal('Sale', false)))).toEqual([
      'Sale true since B',
    ]);
  });

  it('order changes of the same instant by type', () => {
    const at = { signal_occurred_at: '1714673144' };

    expect(
      signals(
        aPostCallEvent('A', at, { nested: [aSignal('Quote', false)] }),
        aCall('B', at, { nested: [aSignal('Quote', true)] }),
      ),
    ).toEqual(['Quote false since A']);
  });
});

describe('the names of signals', () => {
  it('compare without regard to case, and the newest spelling is shown', () => {
    expect(
      signals(
        call(aSignal('quote', true)),
        event('E', 2, aSignal('QUOTE', true)),
        correction('B', 1, aSignal('Quote', true)),
      ),
    ).toEqual(['QUOTE true since E']);
    expect(signals(call(aSignal('quote', true)), correction('B', 1, aSignal('QUOTE', true)))).toEqual([
      'QUOTE true since A',
    ]);
  });

  it('are sorted by their lower case', () => {
    expect(signals(call(aSignal('beta', true), aSignal('Alpha', true), aSignal('Gamma', true)))).toEqual([
      'Alpha true since A',
      'beta true since A',
      'Gamma true since A',
    ]);
  });

  it('may be anything', () => {
    const names = ['__proto__', 'constructor', 'a.b', '$where'];

    expect(
      mergeAll(call(...names.map((name) => aSignal(name, true))))
        .signals.map(({ name }) => name)
        .sort(),
    ).toEqual(names.sort());
  });
});

describe('the values of signals', () => {
  it.each([true, 1, 'true', 'TRUE', ' True ', '1', '1.0', 't', 'T', 'Yes', 'yes', 'y', 'Y', 'on', 'ON'])(
    '%j is true',
    (value) => {
      expect(mergeAll(call(aSignal('Quote', value)))).toMatchObject({ signals: [{ value: true }], customData: [] });
    },
  );

  it.each([false, 0, 'false', 'FALSE', '0', '0.0', 'f', 'F', 'No', 'no', 'n', 'N', 'off', 'Off'])(
    '%j is false',
    (value) => {
      expect(mergeAll(call(aSignal('Quote', value)))).toMatchObject({ signals: [{ value: false }], customData: [] });
    },
  );

  it.each([[null], [''], [' ']])('%j says nothing', (value) => {
    expect(mergeAll(call(aSignal('Quote', value)))).toMatchObject({ signals: [], customData: [] });
  });

  it.each(['maybe', 2, -1, 'yes and no', 'null', '10'])(
    '%j is none of a signal, and is kept as custom data',
    (value) => {
      expect(mergeAll(call(aSignal('Quote', value)))).toMatchObject({
        signals: [],
        customData: [{ name: 'Quote', dataType: 'Signal', source: 'AI', value, transactionId: 'A' }],
      });
    },
  );

  it('do not depend on the order of contradicting entries of one row', () => {
    const entries = [aSignal('QUOTE', false), aSignal('Quote', true), aSignal('quote', null), aSignal('quote', true)];

    expect(signals(call(...entries))).toEqual(['Quote true since A']);
    expect(signals(call(...entries.reverse()))).toEqual(['Quote true since A']);
  });

  it('come only from entries of type Signal', () => {
    expect(signals(call(aField('Quote', 'true')))).toEqual([]);
  });
});

describe('signal rows of older API versions', () => {
  const old = (columns: Record<string, string | number | boolean | null>): string[] =>
    signals(aCall('S', { transaction_type: 'Signal', signal_name: 'Quote', ...columns }));

  it('say that their signal is true', () => {
    expect(old({})).toEqual(['Quote true since S']);
    expect(old({ signal_value: 1 })).toEqual(['Quote true since S']);
    expect(old({ signal_value: 'anything' })).toEqual(['Quote true since S']);
  });

  it.each([[0], ['0'], [false], ['false'], ['No'], ['f'], ['off']])(
    'state a false signal if their value is %j',
    (value) => {
      expect(old({ signal_value: value })).toEqual(['Quote false since S']);
    },
  );

  it('name the source of their signal', () => {
    const row = aCall('S', { transaction_type: 'signal', signal_name: 'Quote', signal_source: 'Machine' });

    expect(mergeAll(row).signals).toMatchObject([{ source: 'Machine' }]);
  });

  it('state nothing without a name; other rows state nothing even with one', () => {
    expect(old({ signal_name: '' })).toEqual([]);
    expect(signals(aCall('A', { signal_name: 'Over 60s, Quote' }))).toEqual([]);
  });
});
