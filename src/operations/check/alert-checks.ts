import type { Store } from '../../store/store.js';
import { NOT_TAKEN_ADVICE, notTakenFinding, postsNotTaken } from '../alerts/alerts-attention.js';
import type { CheckResult } from './check-result.js';
import { MONGODB_CONNECTION } from './mongodb-checks.js';
import { failed, ok, skippedAfter, warning, type Trials } from './trials.js';

const REFUSED = 'alerts-refused';

/** Looks whether the receiver of alerts takes the posts. Makes none: that is what `alerts test` does. */
export async function checkRefusedAlerts(store: Pick<Store, 'alerts'>, trials: Trials): Promise<CheckResult[]> {
  const refused = await trials.run({
    id: REFUSED,
    look: async () => {
      const posts = await postsNotTaken(store);
      if (posts.length > 0) return failed(notTakenFinding(posts), NOT_TAKEN_ADVICE);
      return ok('no post waits for the alert URL; `callweave alerts test` makes one');
    },
    explain: (error) =>
      warning(
        error instanceof Error ? error.message : String(error),
        'Look into the log of MongoDB, and run `callweave check` again',
      ),
  });
  return [refused];
}

/** The result of {@link checkRefusedAlerts} if MongoDB could not be connected to. */
export function skippedAlerts(): CheckResult[] {
  return skippedAfter(MONGODB_CONNECTION, [REFUSED]);
}
