import { noopMetricMeter, type MetricMeter } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { createStoreActivities } from '../../src/activities/store-activities.js';
import { NO_NEWS } from '../../src/domain/nudges/nudge-counts.js';
import { measuredStoreActivities } from '../../src/worker/measured.js';
import { createMetrics } from '../../src/worker/metrics.js';
import { fixedRates } from '../support/request-rates.js';
import { useTestDatabase } from '../support/test-database.js';

const mongodb = useTestDatabase();

/** Returns a meter that notes what is added to its counters, as "name outcome: value", or the state. */
function notingMeter() {
  const added: string[] = [];
  const createCounter: MetricMeter['createCounter'] = (name) =>
    Object.assign(noopMetricMeter.createCounter(name), {
      add: (value: number, labels: Record<string, unknown>) => {
        added.push(`${name} ${String(labels['outcome'] ?? labels['state'])}: ${value}`);
      },
    });
  return { meter: { createCounter, createGauge: noopMetricMeter.createGauge.bind(noopMetricMeter) }, added };
}

describe('alerts', () => {
  it('are counted by state when they have arrived', async () => {
    const { store } = mongodb;
    const { meter, added } = notingMeter();
    const none = { feeds: new Map(), invoices: new Map(), transcripts: new Map() };
    const alerting = {
      post: () => Promise.resolve(),
      beat: null,
      readAttention: () => Promise.resolve([]),
      urlOf: () => null,
    };
    const deps = { store, rates: fixedRates, ...none, alerting, now: () => new Date() };
    const { postAlert } = measuredStoreActivities(createStoreActivities(deps), createMetrics(meter));
    const key = { account: 'acme', code: 'late' } as const;
    const about = { state: 'raised', message: 'late', since: null } as const;
    const untried = { attempts: 0, nextAt: new Date(), trouble: null, refusedSince: null };
    await store.alerts.note({ ...key, ...about, post: { ...about, ...untried, id: '1', at: new Date(), count: null } });

    expect(await postAlert(key)).toEqual({ outcome: 'told', state: 'raised' });
    expect(await postAlert(key)).toEqual({ outcome: 'none' });
    expect(added).toEqual(['callweave_alerts raised: 1']);
  });
});

describe('counts of webhooks', () => {
  it('are added to the metrics once for each note', async () => {
    const { store } = mongodb;
    const none = { feeds: new Map(), invoices: new Map(), transcripts: new Map() };
    const { meter, added } = notingMeter();
    const activities = createStoreActivities({ store, rates: fixedRates, ...none, now: () => new Date() });
    const { noteNudges } = measuredStoreActivities(activities, createMetrics(meter));
    const news = { ...NO_NEWS, received: 3, read: 2, notShown: -1, missed: 1 };

    const note = { account: 'acme', writer: 'run', number: 1, news, lastAt: null };
    await noteNudges(note);
    await noteNudges(note);

    expect(added).toEqual([
      'callweave_nudges received: 3',
      'callweave_nudges read: 2',
      'callweave_nudges not_shown: 1',
    ]);
  });
});
