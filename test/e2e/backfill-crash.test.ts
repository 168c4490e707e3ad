import { describe, expect, it } from 'vitest';
import { startBackfill } from '../../src/temporal/runs/backfills.js';
import { hang } from '../../src/sample/faults.js';
import { createSampleFeed } from '../../src/sample/feed/feed.js';
import { tenDays } from '../support/backfills.js';
import { clientOf, startInvoca } from '../support/fake-invoca.js';
import { callweave, invocaSettings, serverSettings } from '../support/program.js';
import { expectedCalls, storedMeanings } from '../support/stored-calls.js';
import { useTestNamespace } from '../support/temporal-namespace.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { useTestDatabase } from '../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const timeZone = 'America/Los_Angeles';

describe('a backfill whose worker is killed', { timeout: 180_000 }, () => {
  it('continues in another worker, and neither loses nor doubles a call', async () => {
    const cwd = await temporaryFolder();
    const feed = createSampleFeed({ seed: 11, endsAt: new Date('2025-06-09T00:00:00Z'), calls: 150 });
    const invoca = await startInvoca({ feed, timeZone });
    const expected = await expectedCalls(clientOf(invoca));
    const { namespace, client } = servers.temporal;
    const env = {
      ...serverSettings({ namespace, database: servers.mongodb.database }),
      ...invocaSettings(invoca, 'killed'),
      INVOCA_TIME_ZONE: timeZone,
      INVOCA_PAGE_LIMIT: '20',
    };
    let pages = 0;
    const ninthPageAskedFor = new Promise<void>((resolve) => {
      invoca.plan({
        when: ({ query }) => query['from'] !== undefined && (pages += 1) === 9,
        answer: (exchange) => {
          hang()(exchange);
          resolve();
        },
      });
    });
    const range = { from: '2025-05-01', to: '2025-06-30', windowDays: 7 };

    const killed = callweave(['worker'], { cwd, env });
    const { handle } = await startBackfill(client, tenDays('killed', range));
    await ninthPageAskedFor;
    killed.kill('SIGKILL');
    await killed;
    void callweave(['worker'], { cwd, env });
    const result = await handle.result();

    expect(result).toMatchObject({ windows: 9, rows: feed.rows.length, state: 'completed' });
    const { store, db } = servers.mongodb;
    expect(await storedMeanings({ store, account: 'killed', callIds: expected.keys() })).toEqual(expected);
    expect(await db.collection('calls').countDocuments({ account: 'killed' })).toBe(expected.size);
    const again = await (
      await startBackfill(client, tenDays('killed', { ...range, reprocess: 'missing' }))
    ).handle.result();
    expect(again).toMatchObject({ windows: 0, skipped: 9 });
  });
});
