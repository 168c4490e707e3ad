/**
 * Tests the npm package, installed as users install it, and then a short form of the tests on other versions of Node.js
 * (`npm run test:nodes`). Takes some minutes. The last line is "N passed, N failed".
 */
import { endWithCounts } from './counted.mjs';
import { prepare, prepareBuild } from './prepare.mjs';

await endWithCounts(async () => {
  prepare();
  prepareBuild();
  const { testNodes } = await import('./nodes/test-nodes.mjs');
  return testNodes();
});
