import { inject, type TestContext } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Reason why the test did not run; `npm test` shows it at the end. */
    whyNotRun?: string;
  }
}

/** Leaves the test out if the run's MongoDB is a server alone, and says so. */
export function needReplicaSet({ task, skip }: TestContext): void {
  if (inject('isReplicaSet')) return;
  task.meta.whyNotRun = 'change streams need a replica set, and the MongoDB of this run is a server alone';
  skip(task.meta.whyNotRun);
}
