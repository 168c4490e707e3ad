import { describe, expect, it } from 'vitest';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';
import type { AlertReceiver } from '../../support/alert-receiver.js';
import { emptyAlerts, MESSAGE, startAlertWorld } from './alert-world.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const LONG_AGO = new Date(0);
emptyAlerts(servers);

/** Returns what a receiver got, one text for each post, such as "acme late raised". */
function told({ alerts }: AlertReceiver): string[] {
  return alerts().map(({ account, code, state }) => `${account ?? '-'} ${code} ${state}`);
}

describe('the workflow alerts', { timeout: 60_000 }, () => {
  it('posts each change once, and sends a heartbeat after each run that leaves nothing untold', async () => {
    const world = await startAlertWorld(servers);
    const { receiver } = world;
    expect(await world.run()).toEqual({
      ...{ outcome: 'checked', raised: 0, muted: 0, posted: 0, waiting: 0, heartbeat: 'sent' },
    });

    world.raise({ 'drain-failed': ['acme'], rejects: ['acme', 'other'], 'no-worker': ['acme'] });
    expect(await world.run()).toMatchObject({ raised: 3, posted: 3, waiting: 0, heartbeat: 'sent' });
    const history = JSON.stringify(
      JSON.parse(historyToJSON(await servers.temporal.client.workflow.getHandle(world.lastRun()).fetchHistory())),
    );
    expect(await world.run()).toMatchObject({ raised: 3, posted: 0 });
    expect(told(receiver).sort()).toEqual(['acme drain-failed raised', 'acme rejects raised', 'other rejects raised']);
    expect(receiver.alerts()[0]).toMatchObject({ message: MESSAGE, since: null, url: null });
    expect(new Set(receiver.alerts().map(({ id }) => id)).size).toBe(3);

    world.raise({ rejects: ['other'] });
    expect(await world.run()).toMatchObject({ raised: 1, posted: 2 });
    expect(told(receiver).slice(3).sort()).toEqual(['acme drain-failed resolved', 'acme rejects resolved']);
    expect(receiver.heartbeats()).toBe(4);
    for (const secret of ['PRIVATE-WORDS', 'SECRET', '127.0.0.1']) {
      const decoded = [...history.matchAll(/"data":"([^"]+)"/g)].map((match) => Buffer.from(match[1] ?? '', 'base64'));
      expect(`${history}${decoded.join('')}`).not.toContain(secret);
    }
  });

  it('repeats a post with the same id if the worker dies before it notes that the post has arrived', async () => {
    const world = await startAlertWorld(servers);
    world.raise({ late: ['acme'] });
    world.dieAfterPosts(1);

    expect(await world.run(20_000)).toMatchObject({ posted: 1, waiting: 0 });

    const [first, second, ...others] = world.receiver.alerts();
    expect(second).toEqual(first);
    expect(others).toEqual([]);
    world.raise({});
    await world.run();
    expect(told(world.receiver)).toEqual(['acme late raised', 'acme late raised', 'acme late resolved']);
  });

  it('leaves a post that is refused or not answered to the next run, in order, and the others arrive', async () => {
    const world = await startAlertWorld(servers);
    const { receiver } = world;
    const { alerts } = servers.mongodb.store;
    let statuses: Record<string, number> = { refused: 404, broken: 503 };
    receiver.answer = ({ alert }) => statuses[alert?.account ?? ''];
    world.raise({ late: ['broken', 'fine', 'refused'] });

    expect(await world.run()).toMatchObject({ raised: 3, posted: 1, waiting: 2, heartbeat: null });
    expect((await alerts.notTaken({ since: LONG_AGO })).map(({ trouble, attempts }) => [trouble, attempts])).toEqual([
      ['404', 0],
    ]);
    const broken = await alerts.read({ account: 'broken', code: 'late' });
    expect(broken?.post).toMatchObject({ trouble: '503', attempts: 1, refusedSince: null });

    // What is resolved before it was told is told nevertheless: the post may have arrived.
    world.raise({ late: ['fine'] });
    statuses = {};
    expect(await world.run(-1)).toMatchObject({ raised: 1, posted: 0, waiting: 2, heartbeat: null });
    await world.makeDue();
    expect(await world.run()).toMatchObject({ posted: 2, waiting: 0, heartbeat: 'sent' });
    expect(await alerts.notTaken({ since: LONG_AGO })).toEqual([]);
    expect(await world.run()).toMatchObject({ posted: 2, heartbeat: 'sent' });
    for (const account of ['broken', 'refused']) {
      const posts = receiver.alerts().filter((alert) => alert.account === account);
      expect(posts.map(({ state }) => state)).toEqual(['raised', 'raised', 'resolved']);
      expect(posts[1]).toEqual(posts[0]);
    }
    expect(receiver.heartbeats()).toBe(2);
  });

  it('makes no post while the receiver asks to wait, and then the rest in the same run', async () => {
    const world = await startAlertWorld(servers);
    const { receiver } = world;
    const startedMs = Date.now();
    receiver.answer = (_, response) => {
      if (receiver.alerts().length > 4) return undefined;
      response.setHeader('retry-after', '1');
      return 429;
    };
    world.raise({ late: ['a', 'b', 'c', 'd', 'e', 'f'] });

    expect(await world.run(30_000)).toMatchObject({ posted: 6, waiting: 0, heartbeat: 'sent' });

    // Four at once were refused, and all six arrived after the 5 s of a first repetition.
    expect(receiver.alerts()).toHaveLength(10);
    expect(Date.now() - startedMs).toBeGreaterThan(5_000);
  });

  it('posts nothing that is muted, and then what is still raised', async () => {
    const world = await startAlertWorld(servers);
    const { receiver } = world;
    const { alerts } = servers.mongodb.store;
    const mute = (until: Date | null) => alerts.mute({ code: 'late', accounts: ['acme', 'told'], until });
    world.raise({ late: ['told'] });
    await world.run();
    await mute(new Date(Date.now() + 3_600_000));

    world.raise({ late: ['acme', 'told'], rejects: ['acme'] });
    expect(await world.run()).toMatchObject({ raised: 3, posted: 1, heartbeat: 'sent' });
    world.raise({ late: ['acme'], rejects: ['acme'] });
    expect(await world.run()).toMatchObject({ raised: 2, posted: 0, heartbeat: 'sent' });
    expect(told(receiver)).toEqual(['told late raised', 'acme rejects raised']);

    await mute(null);
    expect(await world.run()).toMatchObject({ posted: 2 });
    expect(told(receiver).slice(2).sort()).toEqual(['acme late raised', 'told late resolved']);
  });

  it('completes without a look if its worker has no alert URL', async () => {
    const world = await startAlertWorld(servers, { hasReceiver: false });
    world.raise({ late: ['acme'] });

    expect(await world.run()).toEqual({ outcome: 'off' });
    expect(await servers.mongodb.store.alerts.list()).toEqual([]);
  });
});
