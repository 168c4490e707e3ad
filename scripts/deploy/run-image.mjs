/** Programs of the followed image, run as its container would run them on a read-only root file system. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess } from '../../bench/support/processes.mjs';
import { pathIn } from './followed-image.mjs';

/** The start period of the Dockerfile's health check. */
const HEALTHY_WITHIN_MS = 60_000;

/** Takes the right to write from every file and folder of the image. */
export function makeReadOnly({ root }) {
  for (const name of ['', ...readdirSync(root, { recursive: true })]) {
    const path = join(root, name);
    // A link has no rights of its own, and may point to where its target is not.
    if (existsSync(path)) chmodSync(path, statSync(path).mode & 0o555);
  }
}

/** Gives the owner the right to write again, without which nobody but root could remove the files. */
export function makeWritable(folder) {
  spawnSync('chmod', ['-R', 'u+w', folder]);
}

/** Returns those of some folders of the image to which its user may write. */
export async function writableFolders({ atEnd, image, folders }) {
  const { text } = await outcomeOf(startIn({ atEnd, image, words: ['node', '-e', TRY_TO_WRITE, ...folders], env: {} }));
  return JSON.parse(text);
}

const TRY_TO_WRITE = `
  const { accessSync, constants } = require('node:fs');
  const isWritable = (folder) => {
    try {
      accessSync(folder, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  };
  console.log(JSON.stringify(process.argv.slice(1).filter(isWritable)));
`;

/** Starts the image with some arguments, or with those of its CMD. */
export function startImage({ atEnd, image, args = image.command, env }) {
  return startIn({ atEnd, image, words: [...image.entrypoint, ...args], env });
}

/** Runs the image to its end and returns its exit code and what it wrote: `{code, text}`. */
export async function runImage(options) {
  return outcomeOf(startImage(options));
}

/** Runs the image's health check once. Returns true if it is healthy. */
export async function isHealthy({ atEnd, image, env }) {
  const { code } = await outcomeOf(startIn({ atEnd, image, words: image.healthCheck, env }));
  return code === 0;
}

/** Repeats the health check until it succeeds. Throws if the worker ends before that or takes too long. */
export async function untilHealthy({ worker, ...options }) {
  const deadline = Date.now() + HEALTHY_WITHIN_MS;
  while (!(await isHealthy(options))) {
    if (worker.hasEnded()) throw new Error(`The worker ended (${await worker.exit}) before it was healthy.`);
    if (Date.now() > deadline) throw new Error(`The worker was not healthy within ${HEALTHY_WITHIN_MS / 1_000} s.`);
    await sleep(1_000);
  }
}

/** Returns the size of the files in a folder, in MiB. */
export function folderMib(folder) {
  const sizes = readdirSync(folder, { recursive: true }).map((name) => lstatSync(join(folder, name)).size);
  return sizes.reduce((total, size) => total + size, 0) / 1_048_576;
}

/** Starts a command of the image: as its user if we may, with its environment and nothing else, and nowhere to write. */
function startIn({ atEnd, image, words, env }) {
  const [command, ...args] = words.map((word) => pathIn(image, word));
  const { uid, gid } = image;
  return startProcess({
    atEnd,
    command,
    args,
    cwd: pathIn(image, image.folder),
    ...(process.getuid() === 0 ? { uid, gid } : {}),
    env: {
      ...image.env,
      PATH: `${pathIn(image, '/usr/local/bin')}:/usr/bin:/bin`,
      HOME: pathIn(image, '/home/node'),
      TMPDIR: pathIn(image, '/tmp'),
      ...env,
    },
  });
}

async function outcomeOf({ stdout, exit }) {
  let text = '';
  for await (const chunk of stdout) text += chunk;
  return { code: await exit, text };
}
