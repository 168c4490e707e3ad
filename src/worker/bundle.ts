import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleOption } from '@temporalio/worker';
import { licencesOf } from './bundle-licences.js';

interface Bundle {
  readonly code: string;
  /** Paths of the files that the code was made of. */
  readonly files: readonly string[];
}

/** The bundle made in this process, kept because bundling takes more than a second. */
let bundled: Promise<WorkflowBundleOption> | undefined;

/** Folder of the package. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PREBUILT = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
const LICENCES = fileURLToPath(new URL('../workflow-bundle.LICENCES.txt', import.meta.url));

/**
 * Returns the workflow code that a worker runs: the bundle of the build, or one made now (tests that run on sources).
 */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  if (existsSync(PREBUILT)) return { codePath: PREBUILT };
  bundled ??= bundle().then(({ code }) => ({ code }));
  return bundled;
}

/** Writes the bundle beside the compiled code, so that a worker starts without a bundler, and the licences in it. */
export async function writeWorkflowBundle(): Promise<void> {
  const { code, files } = await bundle();
  await writeFile(LICENCES, await licencesOf(files));
  // Last, because scripts/prepare.mjs takes the bundle as the end of the build.
  await writeFile(PREBUILT, code);
}

async function bundle(): Promise<Bundle> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const workflowsPath = fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url));
  let files: readonly string[] = [];
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    logger: new DefaultLogger('WARN'),
    webpackConfigHook: ({ plugins = [], ...config }) => ({
      ...config,
      // Stack traces need the positions in the sources, but not their text, which is half of the bundle.
      devtool: 'inline-nosources-source-map',
      // Relative paths, so that the same sources make the same bytes in every folder.
      output: {
        ...config.output,
        devtoolModuleFilenameTemplate: ({ absoluteResourcePath }: { absoluteResourcePath: string }) =>
          pathInPackage(absoluteResourcePath),
      },
      plugins: [
        ...plugins,
        (compiler) => {
          compiler.hooks.done.tap('files of the bundle', ({ compilation }) => {
            files = [...compilation.modules].flatMap((module) => module.nameForCondition() ?? []);
          });
        },
      ],
    }),
  });
  return { code, files };
}

/** Returns a path relative to this package, also of a file in a `node_modules` that is a link to a folder elsewhere. */
function pathInPackage(path: string): string {
  return relative(ROOT, path).replace(/^\.\..*?(?=node_modules\/)/, '');
}
