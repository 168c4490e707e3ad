import { describe, expect, it } from 'vitest';
import { answerWith } from '../../../src/sample/faults.js';
import type { DrainResult } from '../../../src/workflows/feed/drain-progress.js';
import { liveStream } from '../../../src/workflows/ids.js';
import { startDrainWorld, type DrainWorld } from '../../support/drain-world.js';
import { minimalRows } from '../../support/fake-invoca.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const { mongodb } = servers;

const good = minimalRows(10);

/** Returns the JSON text of a row with an id and a call id, and with `members` added. */
function textOfRow(id: string, members = ''): string {
  return `{"transaction_id":"${id}","complete_call_id":"CALL-${id}","transaction_type":"Call"${members && `,${members}`}}`;
}

/** Drains a feed whose first page has these JSON texts between good rows; later pages are regular. */
async function drainWith(
  odd: readonly string[],
  encoding: 'utf8' | 'latin1' = 'utf8',
): Promise<{ world: DrainWorld; result: DrainResult }> {
  const world = await startDrainWorld({ servers, invoca: { rows: good }, feed: { pageLimit: 4_000 } });
  const texts = good.map((row) => JSON.stringify(row));
  const page = `[${[...texts.slice(0, 5), ...odd, ...texts.slice(5, 8)].join(',')}]`;
  world.invoca.plan({ answer: answerWith({ status: 200, body: Buffer.from(page, encoding) }) });
  const result = await (await world.startDrain()).result();
  expect(result).toMatchObject({ rows: 10 + odd.length, ended: 'caught-up', cursor: '9990-0000' });
  for (const { complete_call_id: callId } of good) {
    expect(await callOf(world, String(callId)), `the good call ${String(callId)}`).toMatchObject({
      durationSeconds: 60,
    });
  }
  return { world, result };
}

function callOf({ account }: DrainWorld, id: string) {
  return mongodb.store.calls.find({ account, id });
}

async function rejectsOf({ account }: DrainWorld): Promise<{ reason: string; page: string }[]> {
  const documents = await mongodb.db.collection('rejects').find({ account }).sort({ reason: 1 }).toArray();
  return documents.map(({ reason, page }) => ({ reason: String(reason).split(':')[0] ?? '', page: String(page) }));
}

const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;

describe('a drain over bad rows', () => {
  it.each([
    ['no objects', ['null', '7', '"row"', 'true', '[]', '[{}]'], 'not-an-object'],
    ['without a transaction id', ['{}', '{"complete_call_id":"C"}', '{"transaction_id":" "}'], 'no-transaction-id'],
    ['with ids of the wrong kind', ['{"transaction_id":{"$gt":""}}', '{"transaction_id":["T"]}'], 'no-transaction-id'],
    ['without a call id', ['{"transaction_id":"T1"}', '{"transaction_id":"T2","complete_call_id":null}'], 'no-call-id'],
    ['over the cap', [textOfRow('BIG', `"notes":"${'x'.repeat(1024 * 1024)}"`)], 'too-large'],
    ['nested without end', [textOfRow('DEEP', `"topics":${deep}`)], 'too-deep'],
  ])('keeps rows %s as rejects with reason and page, and continues', async (_what, odd, reason) => {
    const { world, result } = await drainWith(odd);

    expect(result.rejects).toBe(odd.length);
    const page = `${liveStream(world.account)}/0`;
    expect(await rejectsOf(world)).toEqual(odd.map(() => ({ reason, page })));
    expect(result.calls).toBe(10);
  });

  it.each([
    ['NUL and lone surrogates', String.raw`"notes":"a\u0000b\ud800","Na\u0000me\udc00":"x\udfff"`],
    [
      'keys with dots and dollars',
      String.raw`"$where":"1","a.b":"2","$set":{"$inc":1},"custom_data":[{"name":"$x.y","value":"$z"}]`,
    ],
    [
      'keys of JavaScript',
      String.raw`"__proto__":{"polluted":true},"constructor":"c","toString":"t","custom_data":[{"name":"__proto__","value":"v"}]`,
    ],
    ['an empty key', '"":"nothing","custom_data":[{"name":"","value":"x"},{}]'],
    [
      'numbers beyond 2^53',
      '"call_center_call_id":90071992547409931234,"Big":1e400,"Small":-1e-400,"duration":9007199254740993',
    ],
    [
      'dates out of range',
      '"start_time_utc":99999999999999999,"corrected_at":"9999-99-99 25:61:61 +99:99","start_time_xml":"-1"',
    ],
    [
      'numbers instead of text',
      '"calling_phone_number":7755550143,"revenue":{"a":1},"transaction_type":7,"payin_conditions":[]',
    ],
    ['an amount without measure', `"revenue":"${'9'.repeat(400)}.${'9'.repeat(400)}"`],
    ['itself for a correction', '"corrects_transaction_id":"ODD","corrected_at":"2024-05-02 09:41:30 -07:00"'],
    ['nesting that can be read', `"topics":${'['.repeat(900)}1${']'.repeat(900)}`],
  ])('stores a row with %s', async (_what, members) => {
    const { world, result } = await drainWith([textOfRow('ODD', members)]);

    expect(result).toMatchObject({ calls: 11, rejects: 0 });
    const stored = await callOf(world, 'CALL-ODD');
    expect(stored?.transactions.map(({ transactionId }) => transactionId)).toEqual(['ODD']);
    expect(stored?.startedAt).toBeNull();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each([
    ['a byte that is no UTF-8', '"notes":"caf\u00e9"', 'caf\ufffd'],
    ['a raw control character', '"notes":"a\u0000\u0001b"', 'a\u0000\u0001b'],
    ['a number JSON does not have', '"notes":-Infinity', '-Infinity'],
  ])('stores a row that is not JSON, with %s, and asks for no page twice', async (_what, members, notes) => {
    const { world, result } = await drainWith([textOfRow('ODD', members)], 'latin1');

    expect(result).toMatchObject({ calls: 11, rejects: 0 });
    expect((await callOf(world, 'CALL-ODD'))?.columns).toMatchObject({ notes });
    expect(world.invoca.requests.map(({ query }) => query['limit'])).toEqual(['4000', '4000', '4000']);
  });

  it('keeps an unreadable row byte by byte', async () => {
    const bad = textOfRow('BAD', '"notes":"caf\u00e9","revenue":1,234.50');

    const { world, result } = await drainWith([bad], 'latin1');

    expect(result).toMatchObject({ calls: 10, rejects: 1 });
    const reject = await mongodb.db.collection('rejects').findOne({ account: world.account });
    expect(reject).toMatchObject({ transactionId: 'BAD', callId: 'CALL-BAD' });
    expect(Buffer.from(String(reject?.['rawBase64']), 'base64').toString('latin1')).toBe(bad);
  });

  it('stores the same when odd rows are read again', async () => {
    const odd = [textOfRow('ODD', String.raw`"notes":"a\u0000\ud800","Big":1e400,"n":-0.0,"a.$b":{"z":1,"a":[null]}`)];
    const { world } = await drainWith(odd);
    const seq = (await mongodb.store.checkpoints.read(liveStream(world.account)))?.seq ?? 0;
    const change = { at: new Date(), from: null, to: null, by: 'ops@host', reason: 'a test' };
    const place = { stream: liveStream(world.account), seq };
    await mongodb.store.checkpoints.move({ ...place, cursor: null, change, gap: null });
    world.invoca.plan({ answer: answerWith({ status: 200, body: `[${odd.join(',')},${JSON.stringify(good[9])}]` }) });

    await expect.poll(async () => (await (await world.startDrain()).result()).rows, { timeout: 20_000 }).toBe(2);

    expect(await callOf(world, 'CALL-ODD')).toMatchObject({ revision: 1 });
  });

  it('stores loops of corrections as one chain', async () => {
    const loop = ['A', 'B', 'C'].map((id, index) => {
      const corrects = ['C', 'A', 'B'][index] ?? '';
      return `{"transaction_id":"${id}","complete_call_id":"LOOP","transaction_type":"Call","corrects_transaction_id":"${corrects}"}`;
    });

    const { world } = await drainWith(loop);

    const call = await callOf(world, 'LOOP');
    expect(call?.transactions).toHaveLength(3);
    expect(call?.legs).toHaveLength(1);
  });

  it('stores 2,000 rows of one call', async () => {
    const rows = Array.from(
      { length: 2_000 },
      (_unused, index) =>
        `{"transaction_id":"M-${index}","complete_call_id":"MANY","transaction_type":"Post Call Event","revenue":"0.5",` +
        `"signal_partner_unique_id":"p-${index}","custom_data":[{"name":"S${index % 50}","data_type":"Signal","value":true}]}`,
    );

    const { world } = await drainWith(rows);

    const call = await callOf(world, 'MANY');
    expect(call?.transactions).toHaveLength(2_000);
    expect(call).toMatchObject({ revenue: '1000.0' });
    expect(call?.signals).toHaveLength(50);
  });

  it('keeps rows as rejects that would outgrow the document of their call', async () => {
    const rows = Array.from({ length: 12 }, (_unused, index) =>
      textOfRow(`H-${index}`, `"notes":"${'y'.repeat(900_000)}"`).replace(`CALL-H-${index}`, 'HUGE'),
    );

    const { world, result } = await drainWith(rows);

    const call = await callOf(world, 'HUGE');
    const kept = call?.transactions.length ?? 0;
    expect(kept).toBeGreaterThan(7);
    expect(kept + result.rejects).toBe(12);
    expect(new Set((await rejectsOf(world)).map(({ reason }) => reason))).toEqual(new Set(['call-too-large']));
  });
});
