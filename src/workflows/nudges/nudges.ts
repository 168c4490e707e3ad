import { setHandler } from '@temporalio/workflow';
import { nudgeSignal } from './nudge-signal.js';

export interface NudgesInput {
  readonly account: string;
}

/** Reads the calls that webhooks name again. */
export function nudges({ account }: NudgesInput): Promise<{ readonly account: string }> {
  setHandler(nudgeSignal, () => undefined);
  return Promise.resolve({ account });
}
