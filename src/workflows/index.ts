export { drain } from './drain.js';
export { transcript } from './transcript.js';
export { transcripts } from './transcripts.js';
