import { describe, expect, it } from 'vitest';
import { csvPieces } from '../../../src/operations/export/csv.js';
import { type AskedColumns, chooseColumns, type Column } from '../../../src/operations/export/csv-columns.js';
import { FIELD_NAMES } from '../../../src/domain/call.js';
import type { ExportedCall, ExportedErasure, ExportedLine } from '../../../src/store/calls/export-calls.js';
import { UsageError } from '../../../src/settings/errors.js';
import type { ColumnValue } from '../../../src/domain/blank.js';
import { aCall, aField, aSignal } from '../../support/a-transaction.js';
import { BLANK_FIELDS } from '../../support/blank-fields.js';
import { aMerge, rowsOf } from '../../support/call-rows.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

type FeedCall = Extract<ExportedCall, { source: 'invoca' }>;

const CALL: FeedCall = {
  ...BLANK_FIELDS,
  _id: 'invoca:7F3A-1C',
  schemaVersion: 1,
  account: 'invoca',
  source: 'invoca',
  callId: '7F3A-1C',
  startedAt: new Date('2024-05-02T16:41:30Z'),
  durationSeconds: 214,
  connectSeconds: 0,
  ivrSeconds: null,
  from: '775-555-0143',
  to: null,
  fromKey: '7755550143',
  result: 'Paid',
  revenue: '1234.50',
  signals: [],
  customData: [],
  legs: [],
  events: [],
  columns: {},
  transactions: [],
  provenance: {},
  recordingUrl: null,
  transcript: { status: 'available', lane: 'fresh', attempts: 1, nextAttemptAt: null, fetchedAt: null, reason: null },
  revision: 2,
  createdAt: new Date('2024-05-02T17:00:00Z'),
  updatedAt: new Date('2024-05-02T17:05:00Z'),
};

const ERASED: ExportedErasure = {
  _id: 'invoca:7F3A-1C',
  account: 'invoca',
  callId: '7F3A-1C',
  erased: true,
  erasedAt: new Date('2024-06-02T17:05:00Z'),
  updatedAt: new Date('2024-06-02T17:05:00Z'),
};

async function* inTurn(lines: readonly ExportedLine[]): AsyncGenerator<ExportedLine> {
  for (const line of lines) yield await Promise.resolve(line);
}

async function textOf(lines: readonly ExportedLine[], columns: readonly Column[]): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of csvPieces({ lines: inTurn(lines), columns })) pieces.push(piece);
  return pieces.join('');
}

function columnsOf(asked: Partial<AskedColumns> = {}, withTranscripts = false): Promise<Column[]> {
  const { calls } = test.store;
  const usual = { columns: null, signals: [], customData: [], ...asked };
  return chooseColumns({ calls, account: 'table', withTranscripts, asked: usual });
}

async function csvOf(calls: readonly Partial<FeedCall>[], withTranscripts = false): Promise<string> {
  return textOf(
    calls.map((call) => ({ ...CALL, ...call })),
    await columnsOf({}, withTranscripts),
  );
}

/** Returns the header and the records of a table with the columns asked for. */
async function tableOf(lines: readonly ExportedLine[], asked: Partial<AskedColumns>): Promise<string[]> {
  return (await textOf(lines, await columnsOf(asked, true))).trimEnd().split('\n');
}

function signal(name: string, value: boolean): FeedCall['signals'][number] {
  return { name, value, source: 'AI', transactionId: 'T1' };
}

function customDatum(name: string, value: ColumnValue): FeedCall['customData'][number] {
  return { name, dataType: null, source: null, value, transactionId: 'T1' };
}

/** Columns that scripts count on. Fields that calls were given since follow in FIELD_NAMES' order. */
const FIRST_COLUMNS =
  'callId,account,source,startedAt,durationSeconds,connectSeconds,ivrSeconds,from,to,result,revenue,signals,customData,' +
  'legs,events,recordingUrl,transcriptStatus,revision,createdAt,updatedAt';
const NEWER_FIELDS = FIELD_NAMES.filter((name) => !FIRST_COLUMNS.split(',').includes(name));
const HEADER = [FIRST_COLUMNS, ...NEWER_FIELDS, 'erased'].join(',');
const NEWER_CELLS = ','.repeat(NEWER_FIELDS.length);

describe('csvPieces', () => {
  it('has a header and one record per call; unknown values are empty, 0 is not', async () => {
    expect(await csvOf([{}])).toBe(
      `${HEADER}\n` +
        '7F3A-1C,invoca,invoca,2024-05-02T16:41:30.000Z,214,0,,775-555-0143,,Paid,1234.50,,,0,0,,available,2,' +
        `2024-05-02T17:00:00.000Z,2024-05-02T17:05:00.000Z${NEWER_CELLS},false\n`,
    );
  });

  it('has a record of an erased call with its ids, the time of the erasure and `true` at the end', async () => {
    const [header = '', record = ''] = (await textOf([ERASED], await columnsOf({}, true))).split('\n');
    const named = header.split(',').map((name, index) => [name, record.split(',')[index]]);
    expect(Object.fromEntries(named.filter(([, cell]) => cell !== ''))).toEqual({
      callId: '7F3A-1C',
      account: 'invoca',
      updatedAt: '2024-06-02T17:05:00.000Z',
      erased: 'true',
    });
  });

  it('is only a header if there are no calls', async () => {
    expect(await csvOf([])).toBe(`${HEADER}\n`);
  });

  it('quotes values that would break a record', async () => {
    const [, record] = (await csvOf([{ result: 'Paid, "in full"' }])).split('\n');
    expect(record).toContain(',"Paid, ""in full""",');
    const text = 'agent: Hello,\ncaller: "Hi"\r\n';
    const spoken = { transcript: { ...CALL.transcript, text } };
    expect(await csvOf([spoken], true)).toMatch(/,"agent: Hello,\ncaller: ""Hi""\r\n",false\n$/);
  });

  it.each([
    ['=1+1', `'=1+1`],
    ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
    ['@SUM(A1)', `'@SUM(A1)`],
    ['+1 775', `'+1 775`],
    ['-2+3', `'-2+3`],
    ['--1', `'--1`],
    ['-', `'-`],
    ['-1e5', `'-1e5`],
    ['-.5', `'-.5`],
    ['+1.', `'+1.`],
    ['+१', `'+१`],
    ['-1\n', `"'-1\n"`],
    ['\t=1', `'\t=1`],
    ['\r=1', `"'\r=1"`],
    // A spreadsheet runs none of these.
    ['+17755550143', '+17755550143'],
    ['-12.50', '-12.50'],
    ['0', '0'],
    ['a=1', 'a=1'],
    [' =1', ' =1'],
    [`'=1`, `'=1`],
    ['＝1', '＝1'],
    ['\n=1', '"\n=1"'],
    ['a\rb', '"a\rb"'],
  ])('puts an apostrophe before %j, which a spreadsheet would run', async (text, cell) => {
    expect(await csvOf([{ result: text }])).toContain(`,,${cell},1234.50,`);
  });

  it('leaves numbers unchanged, also as text', async () => {
    expect(await csvOf([{ revenue: '-80.00', durationSeconds: -1 }])).toMatch(/Z,-1,0,.*,Paid,-80.00,/);
  });

  it('writes signals and custom data as JSON by name, whatever their names', async () => {
    const signals = [
      { name: 'Quote', value: true, source: 'AI', transactionId: 'T1' },
      { name: '__proto__', value: false, source: null, transactionId: 'T1' },
    ];
    const customData = [{ name: 'a.b$', dataType: null, source: null, value: 'x, y', transactionId: 'T1' }];
    const [, record] = (await csvOf([{ signals, customData }])).split('\n');
    expect(record).toContain(',"{""Quote"":true,""__proto__"":false}","{""a.b$"":""x, y""}",');
  });

  it('has the conversation in a column of its own if requested, before `erased`', async () => {
    const spoken = { transcript: { ...CALL.transcript, text: 'agent: Hello' } };
    const [header, record] = (await csvOf([spoken], true)).split('\n');
    expect(header).toBe(HEADER.replace(/erased$/, 'transcript,erased'));
    expect(record).toMatch(/,agent: Hello,false$/);
    expect(await csvOf([spoken])).not.toContain('Hello');
  });
});

const CREDIRA_CALL: ExportedCall = {
  ...BLANK_FIELDS,
  _id: ERASED._id,
  account: ERASED.account,
  callId: ERASED.callId,
  schemaVersion: 1,
  source: 'credira',
  fromKey: null,
  signals: [],
  customData: [],
  provenance: {},
  credira: { status: 'completed', 'a%2Eb': [1, null], tags: ['x'], ok: false },
  firstSeenAt: CALL.createdAt,
  detailsAskedAt: null,
  transcript: CALL.transcript,
  revision: 1,
  createdAt: CALL.createdAt,
  updatedAt: CALL.updatedAt,
};

describe('chooseColumns', () => {
  it('marks erased calls beside the columns asked for if they may be among the lines', async () => {
    const asked: AskedColumns = { columns: ['callId'], signals: [], customData: [] };
    const { calls } = test.store;
    const columns = await chooseColumns({ calls, account: 'table', withTranscripts: false, asked, marksErased: true });
    expect(columns.map(({ name }) => name)).toEqual(['callId', 'erased']);
  });

  it('takes only the columns asked for, in their order: fields, also of erased calls, and values inside them', async () => {
    const columns =
      'erased,_id,fromKey,columns.x.y,columns,credira.status,credira.a.b,credira.a%2Eb,credira.tags,credira.ok,' +
      'transcript.status,transcript,provenance.revenue,legs,erasedAt,callId';
    const call: FeedCall = {
      ...CALL,
      columns: { 'x.y': '=1' },
      provenance: { revenue: ['T1'] },
      transcript: { ...CALL.transcript, text: 'Hello' },
    };

    expect(await tableOf([call, CREDIRA_CALL, ERASED], { columns: columns.split(',') })).toEqual([
      columns,
      `false,invoca:7F3A-1C,7755550143,'=1,"{""x.y"":""=1""}",,,,,,available,Hello,"[""T1""]",0,,7F3A-1C`,
      'false,invoca:7F3A-1C,,,,completed,"[1,null]","[1,null]","[""x""]",false,available,,,,,7F3A-1C',
      'true,invoca:7F3A-1C,,,,,,,,,,,,,2024-06-02T17:05:00.000Z,7F3A-1C',
    ]);
  });

  it.each([
    'nothing',
    'nothing.x',
    'columns.',
    'callId.x',
    'signals.Quote',
    'transcript.nothing',
    'constructor',
    'constructor.name',
    'provenance.constructor',
    'CallId',
  ])('refuses %s, which is not a column', async (name) => {
    await expect(columnsOf({ columns: ['callId', name] })).rejects.toThrow(UsageError);
  });

  it('refuses a column of the conversation without --transcripts', async () => {
    for (const column of ['transcript', 'transcript.turns'])
      await expect(columnsOf({ columns: [column] })).rejects.toThrow('needs --transcripts');
  });

  it('adds a column for each Signal and custom data field named, in any case; several values are a list', async () => {
    const call = {
      ...CALL,
      signals: [signal('Booked', false), signal('QUOTE', true)],
      customData: [customDatum('UTM', 'a'), customDatum('utm', 'b'), customDatum('=x,"y"', '@z'), customDatum('n', -1)],
    };
    const named = { signals: ['quote', 'Booked', 'Quote', 'Lost'], customData: ['utm', '=x,"y"', 'n', 'none'] };

    expect(await tableOf([call, ERASED], { columns: ['callId'], ...named })).toEqual([
      'callId,signal.quote,signal.Booked,signal.Lost,custom.utm,"custom.=x,""y""",custom.n,custom.none',
      `7F3A-1C,true,false,,"[""a"",""b""]",'@z,-1,`,
      '7F3A-1C,,,,,,,',
    ]);
    const [header] = await tableOf([], { signals: ['Quote'] });
    expect(header).toBe(HEADER.replace(/erased$/, 'transcript,signal.Quote,erased'));
  });

  it('adds all names of the account, sorted by lower case, each once', async () => {
    const nested = [aSignal('Quote', true), aSignal('booked', false), aField('Ünit', 'x'), aField('b.c$', 1)];
    await test.store.calls.mergeTransactions(
      aMerge('table', [
        ...rowsOf('A', [aCall('A1', {}, { nested })]),
        ...rowsOf('B', [aCall('B1', {}, { nested: [aSignal('quote', true), aField('ünit', 'y'), aField('A', 2)] })]),
      ]),
    );
    await test.store.calls.mergeTransactions(
      aMerge('other', rowsOf('C', [aCall('C1', {}, { nested: [aSignal('Foreign', true), aField('foreign', 1)] })])),
    );

    expect(await tableOf([], { columns: ['callId'], signals: 'all', customData: 'all' })).toEqual([
      'callId,signal.booked,signal.Quote,custom.A,custom.b.c$,custom.Ünit',
    ]);
  });

  it('asks for names if an account has more than a table has room for', async () => {
    const nested = Array.from({ length: 1_001 }, (_, index) => aField(`field ${index}`, 1));
    await test.store.calls.mergeTransactions(aMerge('wide', rowsOf('A', [aCall('A1', {}, { nested })])));
    const { calls } = test.store;
    const asked: AskedColumns = { columns: null, signals: 'all', customData: 'all' };

    await expect(chooseColumns({ calls, account: 'wide', withTranscripts: false, asked })).rejects.toThrow(
      'wide has more than 1,000 names for --custom-data',
    );
  });
});
