import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleOption } from '@temporalio/worker';

/** The bundle made in this process, kept because bundling takes more than a second. */
let bundled: Promise<WorkflowBundleOption> | undefined;

const PREBUILT = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

/**
 * Returns the workflow code that a worker runs: the bundle of the build, or one made now (tests that run on sources).
 */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  if (existsSync(PREBUILT)) return { codePath: PREBUILT };
  bundled ??= bundle();
  return bundled;
}

/** Writes the bundle beside the compiled code, so that a worker starts without a bundler. */
export async function writeWorkflowBundle(): Promise<void> {
  const { code } = await bundle();
  await writeFile(PREBUILT, code);
}

function bundle(): Promise<{ code: string }> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const workflowsPath = fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url));
  return bundleWorkflowCode({
    workflowsPath,
    logger: new DefaultLogger('WARN'),
    // Stack traces need the positions in the sources, but not their text, which is half of the bundle.
    webpackConfigHook: (config) => ({ ...config, devtool: 'inline-nosources-source-map' }),
  });
}
