/** Workflow code of a later build, for a test of Worker Versioning: a backfill and its windows have one step more. */
import { proxyActivities } from '@temporalio/workflow';
import type { StoreActivities } from '../../src/activities/store-activities.js';
import type { BackfillInput } from '../../src/workflows/backfill/backfill.js';
import type { DrainWindowInput } from '../../src/workflows/backfill/drain-window.js';
import { backfill as firstBackfill, drainWindow as firstDrainWindow } from '../../src/workflows/index.js';
import { storeActivityOptions } from '../../src/workflows/policies.js';

const { planBackfill } = proxyActivities<StoreActivities>(storeActivityOptions);

export async function backfill(input: BackfillInput): ReturnType<typeof firstBackfill> {
  const { account, from, to } = input;
  await planBackfill({ account, window: { from, to } });
  return firstBackfill(input);
}

export async function drainWindow(input: DrainWindowInput): ReturnType<typeof firstDrainWindow> {
  const { account, window } = input;
  await planBackfill({ account, window });
  return firstDrainWindow(input);
}
