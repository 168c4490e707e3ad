/**
 * Tests the npm package, installed as users install it, and then a short form of the tests on other versions of Node.js
 * (`npm run test:nodes`). Takes some minutes. The last line is "N passed, N failed".
 */
import { prepare, prepareBuild } from './prepare.mjs';

const { passed, failed } = await testAll();
process.exitCode = failed === 0 ? 0 : 1;
process.stdout.write(`${passed} passed, ${failed} failed\n`);

async function testAll() {
  try {
    prepare();
    prepareBuild();
    const { testNodes } = await import('./nodes/test-nodes.mjs');
    return testNodes();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return { passed: 0, failed: 1 };
  }
}
