import type { CommandEntry } from './frame.js';

/** Every command, in the order of `callweave --help`. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'call',
    summary: 'a merged call and its story',
    load: async () => (await import('./call.js')).registerCall,
  },
];
