import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginChanges } from '../../../src/operations/export/changes.js';
import type { ExportState } from '../../../src/operations/export/state-file.js';
import { type CallDocument, IS_KEPT } from '../../../src/store/calls/call-document.js';
import type { ExportedLine } from '../../../src/store/calls/export-calls.js';
import { callDocuments, insertCalls } from '../../support/pending-calls.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();

/** A reader that has all lines of its runs so far. */
function aReader(account: string, started: { from: Date; before: Date } | null = null) {
  let state: ExportState | null = null;
  return {
    async run(): Promise<ExportedLine[]> {
      const request = { account, started, withTranscripts: false };
      const run = await beginChanges({ store: mongodb.store, request, state, now: new Date() });
      const lines: ExportedLine[] = [];
      for await (const line of run.lines) lines.push(line);
      // As a file keeps it.
      const kept = JSON.parse(JSON.stringify(run.next())) as ExportState;
      state = { ...kept, since: new Date(kept.since) };
      return lines;
    },
  };
}

function idsOf(lines: readonly ExportedLine[]): string[] {
  return lines.map((line) => ('erased' in line ? `-${line.callId}` : line.callId));
}

function calls() {
  return mongodb.db.collection<CallDocument>('calls');
}

/** Inserts calls with stamps `seconds` from now. */
async function insert(account: string, seconds: Readonly<Record<string, number>>, startedAt?: Date): Promise<void> {
  const nowMs = Date.now();
  await insertCalls(
    mongodb.db,
    Object.entries(seconds).map(([callId, offset]) => ({
      ...callDocuments(account)(callId, { startedAt: startedAt ?? null }),
      updatedAt: new Date(nowMs + offset * 1_000),
    })),
  );
}

async function erase(account: string, callId: string): Promise<void> {
  await mongodb.store.erasures.eraseCalls([`${account}:${callId}`], new Date());
}

describe('the changes since the last run', () => {
  it('are everything at first, erased calls too, and then each change once, in order', async () => {
    await insert('first', { B: -5_000, A: -9_000, GONE: -1 });
    await erase('first', 'GONE');
    const reader = aReader('first');

    expect(idsOf(await reader.run())).toEqual(['A', 'B', '-GONE']);
    expect(await reader.run()).toEqual([]);
    await calls().updateOne({ _id: 'first:A' }, { $set: { updatedAt: new Date(), revision: 2 } });
    await erase('first', 'B');
    const [changed, erased, ...rest] = await reader.run();
    expect(changed).toMatchObject({ _id: 'first:A', revision: 2 });
    expect(erased).toEqual({
      _id: 'first:B',
      account: 'first',
      callId: 'B',
      erased: true,
      erasedAt: expect.any(Date) as Date,
      updatedAt: expect.any(Date) as Date,
    });
    expect(rest).toEqual([]);
    expect(await reader.run()).toEqual([]);
  });

  it('include calls that were stored late, by a slow or a fast clock, or at the same instant as others', async () => {
    await insert('late', { BEFORE: 0, SAME: -200 });
    const reader = aReader('late');
    await reader.run();

    await insert('late', { SLOW: -59, SLOWER: -240, FAST: 60, TWIN: 0 });
    const twin = await calls().findOne({ _id: 'late:SAME' });
    await calls().updateOne({ _id: 'late:TWIN' }, { $set: { updatedAt: twin?.updatedAt ?? new Date() } });
    expect(idsOf(await reader.run()).toSorted()).toEqual(['FAST', 'SLOW', 'SLOWER', 'TWIN']);
    expect(await reader.run()).toEqual([]);
  });

  it('include a version with the stamp of one that the reader has', async () => {
    await insert('twice', { A: -1 });
    const reader = aReader('twice');
    await reader.run();

    await calls().updateOne({ _id: 'twice:A' }, { $set: { revision: 2 } });
    expect(idsOf(await reader.run())).toEqual(['A']);
    await calls().updateOne({ _id: 'twice:A' }, { $set: { 'transcript.attempts': 1 } });
    expect(idsOf(await reader.run())).toEqual(['A']);
  });

  it('of some days include all erased calls, whose start is no longer known', async () => {
    const from = new Date('2024-05-01T00:00:00Z');
    await insert('days', { IN: -1, GONE: -1 }, from);
    await insert('days', { OUT: -1 }, new Date('2024-05-02T00:00:00Z'));
    await erase('days', 'GONE');

    const lines = await aReader('days', { from, before: new Date('2024-05-02T00:00:00Z') }).run();
    expect(idsOf(lines)).toEqual(['IN', '-GONE']);
  });

  it('are not read from another collection than before', async () => {
    const state = { collection: 'another', since: new Date(), given: [] };
    const request = { account: 'first', started: null, withTranscripts: false };
    const run = beginChanges({ store: mongodb.store, request, state, now: new Date() });
    await expect(run).rejects.toThrow(/calls of another database/);
  });

  it('make a copy of the collection, whatever writers do between the runs', async () => {
    const callId = fc.constantFrom('A', 'B', 'C', 'D');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('write' as const), callId, delayed: fc.integer({ min: -60, max: 239 }) }),
      fc.record({ kind: fc.constant('erase' as const), callId }),
      fc.record({ kind: fc.constant('export' as const) }),
    );
    let account = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        account += 1;
        const name = `copy-${account}`;
        const reader = aReader(name);
        const copy = new Map<string, number | 'erased'>();
        const read = async (): Promise<void> => {
          for (const line of await reader.run()) copy.set(line.callId, 'erased' in line ? 'erased' : line.revision);
        };
        for (const made of steps) {
          if (made.kind === 'export') await read();
          else if (made.kind === 'erase') await erase(name, made.callId);
          else await write(name, made);
        }
        await read();
        expect(Object.fromEntries(copy)).toEqual(await stored(name));
      }),
      { numRuns: 25 },
    );
  });
});

/** Writes a version of a call, unless it is erased, with a stamp that is late by some seconds or ahead. */
async function write(account: string, { callId, delayed }: { callId: string; delayed: number }): Promise<void> {
  const _id = `${account}:${callId}`;
  if ((await calls().countDocuments({ _id })) === 0) await insert(account, { [callId]: -delayed });
  else {
    const updatedAt = new Date(Date.now() - delayed * 1_000);
    await calls().updateOne(
      { _id, ...IS_KEPT },
      {
        $set: { updatedAt },
        $inc: { revision: 1 },
      },
    );
  }
}

async function stored(account: string): Promise<Record<string, number | 'erased'>> {
  const documents = await calls().find({ account }).toArray();
  return Object.fromEntries(
    documents.map((call) => [call.callId, 'erasedAt' in call ? ('erased' as const) : call.revision]),
  );
}
