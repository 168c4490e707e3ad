import { AlertFailure } from '../../sources/alerts/alert-client.js';
import type { ActivityDependencies } from '../dependencies.js';

/** Outcome of a GET to the heartbeat URL; `off` if there is none. */
export type HeartbeatOutcome = 'sent' | 'failed' | 'off';

/** Tells the dead-man's switch that everything that needs a person is told. */
export async function sendAlertHeartbeat({ alerting }: ActivityDependencies): Promise<HeartbeatOutcome> {
  if (alerting?.beat == null) return 'off';
  try {
    await alerting.beat();
    return 'sent';
  } catch (error) {
    // The next round sends one again, and a switch that misses some is what it is for.
    if (error instanceof AlertFailure) return 'failed';
    throw error;
  }
}
