/**
 * Runs measurements of `bench/` on the built sources: `npm run bench -- [NAME…] [options]`, all of them without a name.
 * `--help` lists the parts and the options.
 */
import { prepare, prepareBuild } from './prepare.mjs';

try {
  prepare();
  prepareBuild();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
const { runBench } = await import('../bench/support/run-bench.mjs');
process.exitCode = await runBench(process.argv.slice(2));
