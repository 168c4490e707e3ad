import type { SignalDefinition } from '@temporalio/common';
import type { NudgedIds } from '../../domain/nudges/nudged-ids.js';

/** Signal with the ids of one or more webhooks. Clients use it too, so it is defined without `defineSignal`. */
export const nudgeSignal = { type: 'signal', name: 'nudge' } as SignalDefinition<[NudgedIds]>;
