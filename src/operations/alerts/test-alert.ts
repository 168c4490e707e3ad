import { randomUUID } from 'node:crypto';
import { AlertFailure, createAlertClient } from '../../sources/alerts/alert-client.js';
import type { AlertSettings } from '../../settings/alerts.js';

/** Result of a test. `reason` is null if the alert arrived, else a few words such as "404". */
export interface AlertTest {
  readonly ok: boolean;
  readonly reason: string | null;
}

/** Posts an alert with the code `test` once. */
export async function testAlert(settings: AlertSettings): Promise<AlertTest> {
  const message = 'This is a test of the alerts of callweave. Nothing is wrong, and nothing will be resolved.';
  const about = { account: null, code: 'test', state: 'raised', message, since: null, url: null } as const;
  try {
    await createAlertClient(settings).post({ id: randomUUID(), at: new Date(), ...about });
    return { ok: true, reason: null };
  } catch (error) {
    if (!(error instanceof AlertFailure)) throw error;
    return { ok: false, reason: error.message };
  }
}
