export { backfill } from './backfill.js';
export { drain } from './drain.js';
export { drainWindow } from './drain-window.js';
export { reconcile } from './reconcile.js';
export { remerge } from './remerge.js';
export { transcript } from './transcript.js';
export { transcripts } from './transcripts.js';
export { verify } from './verify.js';
