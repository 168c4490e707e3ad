import { describe, expect, it } from 'vitest';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';
import { recordHistory } from '../histories.js';
import { emptyAlerts, startAlertWorld } from './alert-world.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
emptyAlerts(servers);

describe('recording histories of alerts', () => {
  it('with posts of which one must be repeated and one is refused', async () => {
    const world = await startAlertWorld(servers);
    let isFirst = true;
    world.receiver.answer = ({ alert }) => {
      if (alert?.account === 'refused') return 404;
      if (alert?.account !== 'broken' || !isFirst) return undefined;
      isFirst = false;
      return 503;
    };
    world.raise({ late: ['broken', 'fine', 'refused'], rejects: ['fine'] });

    expect(await world.run(30_000)).toMatchObject({ posted: 3, waiting: 1, heartbeat: null });

    await recordHistory({ name: 'alerts-posts', handle: servers.temporal.client.workflow.getHandle(world.lastRun()) });
  });

  it('without anything to post', async () => {
    const world = await startAlertWorld(servers);

    expect(await world.run()).toMatchObject({ heartbeat: 'sent' });

    await recordHistory({ name: 'alerts-quiet', handle: servers.temporal.client.workflow.getHandle(world.lastRun()) });
  });
});
