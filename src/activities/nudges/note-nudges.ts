import type { NudgeNote } from '../../domain/nudges/nudge-counts.js';
import type { ActivityDependencies } from '../dependencies.js';

/** Adds counts of webhooks to those of the account. Returns false if they had been added by an earlier attempt. */
export function noteNudges({ store }: ActivityDependencies, note: NudgeNote): Promise<boolean> {
  return store.nudges.add(note);
}
