import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutRows, readRowText, UnparsedRow } from '../../../src/sources/json/cut-rows.js';

const entries = '"custom_data":[{"name":"a","value":1},{"name":"b","value":"x"}]';

function row(id: string, members = ''): string {
  return `{"transaction_id":"${id}","complete_call_id":"C"${members},${entries}}`;
}

function cut(list: string | Buffer) {
  const body = typeof list === 'string' ? Buffer.from(list) : list;
  const { rows, isWhole } = cutRows({ body, start: body.indexOf('['), idKey: 'transaction_id' });
  return { rows: rows.map(shown), isWhole };
}

/** Writes the rows as text: `~` before a row that is not JSON, `!` before one that is not closed either. */
function shown(member: unknown): unknown {
  if (member instanceof UnparsedRow) return `${member.isWhole ? '~' : '!'}${member.text}`;
  return (member as { transaction_id?: unknown } | null)?.transaction_id ?? member;
}

const T1 = row('T1');
const T3 = row('T3');

describe('cutRows', () => {
  it.each([
    ['a number JSON does not have', row('T2', ',"n":NaN')],
    ['a control character', row('T2', ',"n":"a\u0000b\nc"')],
    ['a bad escape', row('T2', String.raw`,"n":"\x41 \q"`)],
    ['an extra comma', row('T2', ',"n":[1,],')],
    ['names without quotes', `{transaction_id:"T2",n:it's,${entries}}`],
    ['single quotes', `{'transaction_id':'T2','n':'it"s, it's',${entries}}`],
    ['rows inside', row('T2', ',"r":[{"transaction_id":"N1"},{"transaction_id":"N2"}],"n":NaN')],
    ['deep nesting', row('T2', `,"n":${'['.repeat(50_000)}NaN${']'.repeat(50_000)}`)],
    ['a value that is not an object', 'NaN'],
    ['text in single quotes', "'x'"],
  ])('keeps a row with %s to itself', (_what, bad) => {
    expect(cut(`[${T1},${bad},${T3}]`)).toEqual({ rows: ['T1', `~${bad}`, 'T3'], isWhole: true });
    expect(cut(`[ ${bad} ,\n${T3}, ${bad}\n]`)).toEqual({ rows: [`~${bad}`, 'T3', `~${bad}`], isWhole: true });
  });

  it.each([
    ['a string that is not closed', '{"transaction_id":"T2","n":"abc}'],
    ['a string that is closed too soon', row('T2', ',"n":"5" pipe"')],
    ['a backslash before the quote', row('T2', String.raw`,"n":"C:\dir\"`)],
    ['a quote missing before its own lists', `{"transaction_id":"T2","n":"abc,${entries}}`],
    ['no closing brace', '{"transaction_id":"T2","x":1'],
    ['no closing bracket', '{"transaction_id":"T2","custom_data":[{"name":"a"}'],
    ['half a name', '{"transaction_id":"T2","compl'],
    ['the wrong bracket', '{"transaction_id":"T2","x":[1}}'],
    ['brackets without end', `{"transaction_id":"T2","x":${'['.repeat(50_000)}`],
  ])('ends a row with %s when the next begins', (_what, bad) => {
    expect(cut(`[${T1},${bad},${T3}]`)).toEqual({ rows: ['T1', `!${bad}`, 'T3'], isWhole: true });
    expect(cut(`[${bad}, ${bad},${T3}]`)).toEqual({ rows: [`!${bad}`, `!${bad}`, 'T3'], isWhole: true });
  });

  it('finds rows that do not begin with their ids', () => {
    const rows = ['{"a":1,"transaction_id":"T1"}', '{"a":2,"n":"abc}', '{"a":3,"transaction_id":"T3"}'];

    expect(cut(`[${rows.join(',')}]`).rows).toEqual(['T1', '!{"a":2,"n":"abc}', 'T3']);
  });

  it.each([
    ['nothing between', `[${T1}${T3}]`],
    ['a line break between', `[${T1}\n${T3}]`],
    ['extra commas', `[,${T1},,${T3},]`],
    ['extra brackets', `[${T1}}]},${T3}]`],
    ['text after the list', `[${T1},${T3}]]<!-- cached -->`],
  ])('finds whole rows with %s', (_what, list) => {
    expect(cut(list)).toEqual({ rows: ['T1', 'T3'], isWhole: true });
  });

  it.each([
    ['in front of a row', `[${T1},[${T3}]`, ['T1', '![', 'T3']],
    ['in front of the first of several', `[[${T1}, ${T3}]`, ['![', 'T1', 'T3']],
    ['in front of each', `[[${T1},[ ${T3}]`, ['![', 'T1', '![', 'T3']],
    ['twice', `[${T1},[[${T3}]`, ['T1', '![[', 'T3']],
    ['around a row, next to one that is not JSON', `[nope,[${T1}],${T3}]`, ['~nope', '![', 'T1', 'T3']],
    ['followed by another value', `[${T1},[1,${T3}]`, ['T1', '![1', 'T3']],
  ])('keeps all rows and the end of the list despite a bracket %s', (_where, list, rows) => {
    expect(cut(list)).toEqual({ rows, isWhole: true });
  });

  it('keeps the bytes of a row that is not UTF-8, and all other rows', () => {
    const list = Buffer.from(`[${row('T1', ',"n":"größer 🦷"')},${row('T2', ',"n":"caf#"')}]`);
    list[list.lastIndexOf('#')] = 0xe9;

    const { rows } = cutRows({ body: list, start: 0, idKey: 'transaction_id' });

    expect(rows[0]).toMatchObject({ n: 'größer 🦷' });
    expect(rows[1]).toMatchObject({ bytes: list.subarray(list.indexOf('{"transaction_id":"T2"'), -1), isWhole: true });
  });

  it('reports a list as cut off if it ends anywhere before its closing bracket', () => {
    const list = `[${T1},${row('T2', ',"n":"a]} b"')},${T3}]`;
    for (let end = 1; end < list.length; end += 1) {
      const { rows, isWhole } = cut(list.slice(0, end));

      expect(isWhole, list.slice(0, end)).toBe(false);
      const whole = [T1, row('T2', ',"n":"a]} b"'), T3].filter((_row, index, all) => {
        return end > all.slice(0, index + 1).join(',').length;
      });
      expect(rows.slice(0, whole.length)).toEqual(['T1', 'T2', 'T3'].slice(0, whole.length));
      expect(rows.length).toBeLessThanOrEqual(whole.length + 1);
    }
  });

  it('treats a list as whole despite a string that is open at its end', () => {
    expect(cut(`[${T1},{"transaction_id":"T2","n":"abc}]`)).toEqual({
      rows: ['T1', '!{"transaction_id":"T2","n":"abc}'],
      isWhole: true,
    });
  });

  it('keeps every good row, whatever is between', () => {
    const bad = fc.constantFrom(
      ...[row('B', ',"n":NaN'), '{"transaction_id":"B","n":"abc}', '{"transaction_id":"B","x":[{"y":1}', 'nope'],
      ...[
        row('B', ',"n":"a " b"'),
        "{'transaction_id':'B'}",
        '{"transaction_id":"B","n":"\\"}',
        row('B', ',"n":1,234.5'),
      ],
    );
    const good = fc.nat().map((id) => row(`G${id}`));
    const rows = fc.array(fc.oneof(good, bad), { minLength: 1, maxLength: 12 });

    fc.assert(
      fc.property(rows, fc.constantFrom(',', ', ', ',\n'), (members, between) => {
        const found = cut(`[${members.join(between)}]`).rows.filter((id) => /^G\d+$/.test(String(id)));

        expect(found).toEqual(members.flatMap((member) => /"(G\d+)"/.exec(member)?.[1] ?? []));
      }),
    );
  });

  it.each([
    ...[',{', '{"transaction_id":[', '{"transaction_id":"x","c":[{},', '{"transaction_id":"x","c":"x},', ":'x", '\\"'],
    ...["{'transaction_id':'x:'x", '{ ', ']', '[', '{', '{"a":{"a":', `{${' '.repeat(20)}`],
  ])('reads any text without delay: %j repeated', (part) => {
    expect(cut(`[${part.repeat(5_000)}`).rows.length).toBeLessThanOrEqual(10_001);
  });
});

describe('readRowText', () => {
  it('reads a single row', () => {
    expect(readRowText(Buffer.from(T1))).toMatchObject({ transaction_id: 'T1' });
    expect(shown(readRowText(Buffer.from(row('T2', ',"n":NaN'))))).toMatch(/^~/);
  });

  it.each(['{"transaction_id":"T2","n":"abc', `${T1},${T3}`, ''])('does not guess at %j', (text) => {
    expect(shown(readRowText(Buffer.from(text)))).toBe(`!${text}`);
  });
});
