/**
 * Tests the npm package, installed as users install it, and then a short form of the tests on other versions of Node.js
 * (`npm run test:nodes`). Takes some minutes; `npm run test:nodes -- 26` runs one part, and `--help` lists them.
 */
import { runParts } from './run-parts.mjs';

await runParts({
  script: 'test:nodes',
  about:
    'Tests the npm package as users install it, and a short form of the tests on versions of Node.js.\n' +
    'Of a version, the beginning will do, such as 26.',
  load: async () => {
    const { nodesParts, testNodes } = await import('./nodes/test-nodes.mjs');
    return { parts: nodesParts(), run: testNodes };
  },
});
