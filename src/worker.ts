import { runMain } from './commands/main.js';

// `node dist/worker.js` is the production entry, the same as `callweave worker`.
await runMain(['worker', ...process.argv.slice(2)]);
