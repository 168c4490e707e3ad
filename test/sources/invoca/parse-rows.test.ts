import { describe, expect, it } from 'vitest';
import { createExcludedColumns } from '../../../src/sources/invoca/columns.js';
import { parseRows } from '../../../src/sources/invoca/parse-rows.js';

const seenAt = new Date('2025-06-02T18:00:00Z');
const ids = { transaction_id: 'B00D77E1-0294AC3F', complete_call_id: '7F3A-1C9E5B20D4A8' };

function parse(rows: readonly unknown[], excluded: readonly string[] = []) {
  return parseRows({ rows, excluded: createExcludedColumns(excluded), seenAt });
}

function transactionOf(row: Record<string, unknown>, excluded?: readonly string[]) {
  const { transactions, rejects } = parse([{ ...ids, ...row }], excluded);
  expect(rejects).toEqual([]);
  const [{ transaction } = expect.fail('no transaction')] = transactions;
  return transaction;
}

function rejectOf(row: unknown, excluded?: readonly string[]) {
  const { transactions, rejects } = parse([row], excluded);
  expect(transactions).toEqual([]);
  const [reject = expect.fail('no reject')] = rejects;
  return reject;
}

describe('a row that is good', () => {
  it('becomes a transaction of its call with a single sighting', () => {
    const { transactions } = parse([
      {
        ...ids,
        transaction_type: 'Call',
        corrects_transaction_id: '3F9A1C20-7B5D0E41',
        corrected_at: '2024-05-02 09:41:30 -07:00',
        duration: 214,
        start_time_utc: 1714667467000,
      },
    ]);

    expect(transactions).toEqual([
      {
        callId: '7F3A-1C9E5B20D4A8',
        transaction: {
          transactionId: 'B00D77E1-0294AC3F',
          type: 'Call',
          correctsTransactionId: '3F9A1C20-7B5D0E41',
          correctedAt: new Date('2024-05-02T16:41:30Z'),
          firstSeenAt: seenAt,
          columns: {
            ...ids,
            transaction_type: 'Call',
            corrects_transaction_id: '3F9A1C20-7B5D0E41',
            corrected_at: '2024-05-02 09:41:30 -07:00',
            duration: 214,
            start_time_utc: 1714667467000,
          },
          customData: [],
        },
      },
    ]);
  });

  it('may have numeric or padded ids, and keeps its link to the row it corrects', () => {
    const { transactions } = parse([
      { transaction_id: 4711, complete_call_id: ' C-1 ', corrects_transaction_id: ' T-1\n' },
    ]);

    expect(transactions).toMatchObject([
      { callId: 'C-1', transaction: { transactionId: '4711', correctsTransactionId: 'T-1' } },
    ]);
  });

  it('omits blanks', () => {
    const { columns, customData } = transactionOf({
      city: '',
      region: null,
      mobile: 'Mobile',
      Quote: null,
      utm_medium: '',
    });

    expect(columns).toEqual({ ...ids, mobile: 'Mobile' });
    expect(customData).toEqual([]);
  });

  it('keeps numbers, numbers as strings and flags as they were sent', () => {
    const { columns } = transactionOf({ duration: '95', connect_duration: 0, revenue: '$1,234.50', opt_in_SMS: false });

    expect(columns).toMatchObject({ duration: '95', connect_duration: 0, revenue: '$1,234.50', opt_in_SMS: false });
  });

  it('never keeps the signed URL of the recording', () => {
    expect(transactionOf({ recording: 'https://x/1', recording_download_url: 'https://x/1?signed' }).columns).toEqual({
      ...ids,
      recording: 'https://x/1',
    });
  });

  it('keeps caller profile columns with the standard ones', () => {
    expect(transactionOf({ age_range_data_append: '45-54' }).columns).toMatchObject({ age_range_data_append: '45-54' });
  });

  it('reads other columns as custom data without a data type', () => {
    const { columns, customData } = transactionOf({ Quote: 1, 'Quote.source': 'AI', 'Lead $ Tier': 'A' });

    expect(columns).toEqual(ids);
    expect(customData).toEqual([
      { name: 'Lead $ Tier', dataType: null, source: null, value: 'A' },
      { name: 'Quote', dataType: null, source: 'AI', value: 1 },
    ]);
  });

  it('keeps lists and objects as JSON with sorted keys', () => {
    const { columns, customData } = transactionOf({ topics: ['b', { z: 1, a: 2 }], notes: { b: 1, a: null } });

    expect(customData).toEqual([{ name: 'topics', dataType: null, source: null, value: '["b",{"a":2,"z":1}]' }]);
    expect(columns['notes']).toBe('{"a":null,"b":1}');
  });

  it('makes text well-formed', () => {
    const { columns, customData } = transactionOf({ notes: 'a\ud800b', 'na\udc00me': 'x\udfff' });

    expect(columns['notes']).toBe('a\ufffdb');
    expect(customData).toMatchObject([{ name: 'na\ufffdme', value: 'x\ufffd' }]);
  });

  it('may have columns named like parts of JavaScript', () => {
    const row = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}') as Record<string, unknown>;

    const { customData } = transactionOf(row);

    expect(customData.map(({ name, value }) => [name, value])).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ]);
  });
});

describe('custom_data', () => {
  it.each([
    [{ name: 'Quote', data_type: 'Signal', source: 'AI' }],
    [{ name: 'Quote' }],
    [{ partner_name: 'Quote' }],
    [{ name: 'Quote', data_type: 'String' }],
  ])('may contain an entry without a value: %j', (entry) => {
    const named = { name: 'city', value: 'Reno' };

    expect(transactionOf({ custom_data: [entry, named] })).toEqual(
      transactionOf({ custom_data: [{ ...entry, value: null }, named] }),
    );
    expect(transactionOf({ custom_data: [entry, named] }).customData).toContainEqual(
      expect.objectContaining({ name: 'city', value: 'Reno' }),
    );
  });

  it('is read under name or partner_name', () => {
    const { customData } = transactionOf({
      custom_data: [
        { name: 'utm_medium', data_type: 'Category', source: 'DynamicAttribution', value: 'Search' },
        { partner_name: 'gclid', data_type: 'Short Text', source: 'DynamicAttribution', value: '198ab9a9' },
        { name: 'Over 60s', data_type: 'Signal', source: 'Expression', value: true },
        { name: 'Quote', data_type: 'Signal', source: 'AI', value: null },
      ],
    });

    expect(customData).toEqual([
      { name: 'Over 60s', dataType: 'Signal', source: 'Expression', value: true },
      { name: 'Quote', dataType: 'Signal', source: 'AI', value: null },
      { name: 'gclid', dataType: 'Short Text', source: 'DynamicAttribution', value: '198ab9a9' },
      { name: 'utm_medium', dataType: 'Category', source: 'DynamicAttribution', value: 'Search' },
    ]);
  });

  it('is kept next to flat columns', () => {
    const { customData } = transactionOf({
      Quote: 1,
      custom_data: [{ name: 'Quote', data_type: 'Signal', value: true }],
    });

    expect(customData).toHaveLength(2);
  });

  it.each([
    ...[null, '', ' ', [], {}, [null], [''], [{}], [[]], [null, {}, '']],
    ...['[]', '{}', '[null]', ' [ ] ', '"[]"', '[{}]', 'null', ' null ', '"null"', ['null']],
  ])('may be blank: %j', (blank) => {
    expect(transactionOf({ custom_data: blank }).customData).toEqual([]);
  });

  it.each([
    ['an entry without a name', [{ value: 'x' }], '{"value":"x"}'],
    ['an entry with a blank name', [{ name: '', value: 'x' }], '{"name":"","value":"x"}'],
    ['an entry that is not an object', ['loose text'], '"loose text"'],
    ['text that is not JSON', '[loose text', '"[loose text"'],
    ['a number', 7, '7'],
    ['a list in the list', [['Quote', true]], '["Quote",true]'],
    ['several entries that are not objects', ['b', 'a', null, 7, true], '["b","a",7,true]'],
    ['several entries without a name', [{ value: 'x' }, 'a'], '[{"value":"x"},"a"]'],
    ['text that begins with null', 'nullable', '"nullable"'],
    ['a map that lacks a name', [{ data_type: 'Signal', value: true }], '{"data_type":"Signal","value":true}'],
  ])('keeps %s under its own name', (_what, customData, value) => {
    expect(transactionOf({ custom_data: customData }).customData).toEqual([
      { name: 'custom_data', dataType: null, source: null, value, nested: true },
    ]);
  });

  const list = [
    { name: 'Quote', data_type: 'Signal', source: 'AI', value: 'Yes' },
    { name: 'id', data_type: null, source: null, value: '12345678901234567890' },
  ];
  const text =
    '[{"name":"Quote","data_type":"Signal","source":"AI","value":"Yes"},{"name":"id","value":12345678901234567890}]';

  it.each([
    ['JSON text', text],
    ['JSON text in JSON text', JSON.stringify(text)],
    ['JSON texts in a list', list.map((entry) => JSON.stringify(entry))],
    ['a map to entries', { Quote: { data_type: 'Signal', source: 'AI', value: 'Yes' }, id: '12345678901234567890' }],
    ['JSON text of a map', '{"Quote":{"data_type":"Signal","source":"AI","value":"Yes"},"id":12345678901234567890}'],
    ['a list in a list', [list]],
    ['JSON text of a list in a list', `[${text}]`],
    ['maps in a list', [list[0], { id: '12345678901234567890' }]],
  ])('may be %s', (_what, customData) => {
    expect(transactionOf({ custom_data: customData })).toEqual(transactionOf({ custom_data: list }));
  });

  it('keeps values that are not entries next to those that are', () => {
    const { customData } = transactionOf({ custom_data: ['a', ...list, 'b'] });

    expect(customData).toHaveLength(3);
    expect(customData).toContainEqual(expect.objectContaining({ name: 'custom_data', value: '["a","b"]' }));
  });

  it('may be a map from name to value', () => {
    const { customData } = transactionOf({
      custom_data: { utm_medium: 'Search', Quote: true, none: null, nested: { a: [1] }, name: 'Mara', value: 5 },
    });

    expect(customData.map(({ name, value }) => [name, value])).toEqual([
      ['Quote', true],
      ['name', 'Mara'],
      ['nested', '{"a":[1]}'],
      ['none', null],
      ['utm_medium', 'Search'],
      ['value', 5],
    ]);
  });

  it('may be a single entry', () => {
    const entry = { partner_name: 'gclid', data_type: 'Short Text', value: 'x' };

    expect(transactionOf({ custom_data: entry })).toEqual(transactionOf({ custom_data: [entry] }));
  });

  it('keeps values that are lists as JSON, and entries with an odd type or source', () => {
    const { customData } = transactionOf({
      custom_data: [{ name: 'list', data_type: 7, source: {}, value: [1, 'a'] }],
    });

    expect(customData).toEqual([{ name: 'list', dataType: null, source: null, value: '[1,"a"]', nested: true }]);
  });
});

describe('an excluded column', () => {
  const row = {
    calling_phone_number: '775-555-0143',
    city: 'Reno',
    patient_name: 'Mara Quillfeather',
    'patient_name.source': 'Api',
    custom_data: [
      { name: 'Patient_Name', data_type: 'Short Text', value: 'Mara Quillfeather' },
      { partner_name: 'patient_name', data_type: 'Short Text', value: 'Mara Quillfeather' },
      { name: 'utm_medium', data_type: 'Category', value: 'Search' },
    ],
  };

  it('is not kept even if it is sent: standard, flat or nested', () => {
    const transaction = transactionOf(row, ['calling_phone_number', 'patient_name']);

    expect(transaction.columns).toEqual({ ...ids, city: 'Reno' });
    expect(transaction.customData.map(({ name }) => name)).toEqual(['utm_medium']);
  });

  it('may be custom_data as a whole', () => {
    expect(transactionOf(row, ['custom_data']).customData.map(({ name }) => name)).toEqual(['patient_name']);
  });

  it('is not kept in a reject either', () => {
    const { raw } = rejectOf(row, ['calling_phone_number', 'patient_name']);

    expect(JSON.parse(raw)).toEqual({ city: 'Reno', custom_data: [row.custom_data[2]] });
  });

  it.each([
    ['a map', { Patient_Name: 'Mara', plan: 'gold' }],
    ['JSON text', '[{"name":"patient_name","value":"Mara"},{"name":"plan","value":"gold"}]'],
    ['texts in a list', ['{"name":"patient_name","value":"Mara"}', '{"name":"plan","value":"gold"}']],
  ])('is not kept if custom_data is %s', (_what, customData) => {
    const kept = transactionOf({ custom_data: customData }, ['patient_name']).customData;

    expect(kept.map(({ name, value }) => [name, value])).toEqual([['plan', 'gold']]);
    expect(rejectOf({ custom_data: customData }, ['patient_name']).raw).not.toMatch(/mara/i);
  });
});
