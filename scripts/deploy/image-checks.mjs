/** Checks of the Dockerfile, and of the image as far as it can be had without an engine. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { startServers } from '../../bench/support/servers.mjs';
import { serverSettings } from '../../bench/support/worker.mjs';
import { startFakeInvoca } from '../../dist/sample/fake-invoca.js';
import { createSampleFeed } from '../../dist/sample/feed/feed.js';
import { servedInvocaAccount } from '../../dist/sample/sample-account.js';
import { fetchNode } from '../nodes/node-versions.mjs';
import { root } from '../prepare.mjs';
import { DOCKERFILE, imageNodeVersion } from './dockerfile-steps.mjs';
import { followDockerfile, pathIn } from './followed-image.mjs';
import { hadolint } from './pinned-tools.mjs';
import {
  folderMib,
  isHealthy,
  makeReadOnly,
  makeWritable,
  runImage,
  startImage,
  untilHealthy,
  writableFolders,
} from './run-image.mjs';

const CALLS = 40;
/** Long enough for all rows of a call to be there. */
const HOUR_MS = 3_600_000;

/** Returns the checks of the file alone: `{name, run}`. `run` throws the reason if the check fails. */
export function dockerfileChecks() {
  const lint = async (...args) =>
    execFileSync(await hadolint(), args, { cwd: root, encoding: 'utf8', input: BAD_IMAGE });
  return [
    { name: 'hadolint finds nothing in the Dockerfile', run: () => lint(DOCKERFILE) },
    { name: 'hadolint finds an image that is not pinned', run: () => fails(() => lint('-'), /DL3006/) },
  ];
}

const BAD_IMAGE = 'FROM docker.io/node\nUSER 1000:1000\n';

/**
 * Follows the Dockerfile in a folder, which is removed at the end, and returns the checks of the result. They depend on each
 * other, in their order.
 */
export async function imageChecks({ atEnd }) {
  if (process.platform !== 'linux') throw new Error('The steps of the Dockerfile can be followed on Linux only.');
  const folder = await mkdtemp(join(tmpdir(), 'callweave-image-'));
  atEnd(() => {
    makeWritable(folder);
    return rm(folder, { recursive: true, force: true });
  });
  // The user of the image is another one, who must be able to reach it.
  chmodSync(folder, 0o755);
  const image = followDockerfile({ folder, node: fetchNode(imageNodeVersion()) });
  makeReadOnly(image);
  const env = await surroundings({ atEnd });
  const run = (...args) => runImage({ atEnd, image, env, args });
  let worker;
  return [
    { name: 'the steps that need no engine are followed', run: () => checkLeftOut(image) },
    { name: 'node_modules has what production needs, and no more', run: () => checkPackages(image) },
    { name: 'there is native code for one platform', run: () => checkPlatform(image) },
    { name: 'the labels are those of package.json', run: () => checkLabels(image) },
    { name: 'its user may write nowhere', run: () => checkNotWritable({ atEnd, image }) },
    { name: 'it makes the schedules', run: () => ends(run('schedule', 'apply'), 0) },
    {
      name: 'it is unhealthy before the worker runs',
      run: async () => equal(await isHealthy({ atEnd, image, env }), false),
    },
    {
      name: 'it becomes healthy',
      run: async () => {
        worker = startImage({ atEnd, image, env });
        worker.stdout.resume();
        await untilHealthy({ atEnd, image, env, worker });
      },
    },
    {
      name: 'it drains the sample',
      run: () => ends(run('drain', '--wait', '--json'), 0, new RegExp(`"calls": ?${CALLS}\\b`)),
    },
    { name: '"callweave status --check" ends with 0', run: () => ends(run('status', '--check'), 0) },
    {
      name: 'SIGTERM ends the worker with 0',
      run: async () => {
        process.kill(worker.pid, 'SIGTERM');
        equal(await worker.exit, 0);
      },
    },
  ];
}

/** Starts servers and a source, and returns the settings with which the image uses them. */
async function surroundings({ atEnd }) {
  const servers = await startServers({ atEnd });
  const { seed, timeZone } = servedInvocaAccount;
  const feed = createSampleFeed({ seed, endsAt: new Date(Date.now() - HOUR_MS), calls: CALLS });
  const source = await startFakeInvoca({ feed });
  atEnd(() => source.close());
  return {
    ...serverSettings({ servers, database: 'callweave' }),
    CALLWEAVE_HEALTH_ADDRESS: `127.0.0.1:${await getPort()}`,
    CALLWEAVE_LOG_LEVEL: 'warn',
    INVOCA_BASE_URL: source.baseUrl,
    INVOCA_ID: source.networkId,
    INVOCA_TOKEN: source.token,
    INVOCA_TIME_ZONE: timeZone,
  };
}

function checkLeftOut({ leftOut }) {
  equal(leftOut.length, 1);
  if (!leftOut[0].includes('ca-certificates')) throw new Error(`another step was left out: ${leftOut[0]}`);
}

/** Compares the installed packages with the lock file, and prints their number and size. */
function checkPackages(image) {
  const { optionalDependencies = {} } = readJson(join(root, 'package.json'));
  const { packages } = readJson(join(root, 'package-lock.json'));
  const folder = pathIn(image, '/app/node_modules');
  const installed = Object.keys(readJson(join(folder, '.package-lock.json')).packages);
  const unwanted = Object.keys(optionalDependencies).map((name) => `node_modules/${name}`);
  const wrong = installed.filter((path) => packages[path].dev || unwanted.includes(path));
  if (wrong.length > 0) throw new Error(`it has ${wrong.join(', ')}`);
  const largest = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, mib: folderMib(join(folder, name)) }))
    .toSorted((a, b) => b.mib - a.mib)
    .slice(0, 6)
    .map(({ name, mib }) => `${name} ${mib.toFixed(0)}`);
  const size = `${installed.length} packages, ${folderMib(folder).toFixed(0)} MiB`;
  process.stdout.write(`      node_modules: ${size} (${largest.join(', ')})\n`);
}

function checkPlatform(image) {
  const folder = pathIn(image, '/app/node_modules/@temporalio/core-bridge/releases');
  equal(readdirSync(folder).length, 1);
}

function checkLabels({ labels }) {
  const { name, version, license, description } = readJson(join(root, 'package.json'));
  for (const [label, value] of Object.entries({ title: name, version, licenses: license, description })) {
    equal(labels[`org.opencontainers.image.${label}`], value);
  }
}

async function checkNotWritable({ atEnd, image }) {
  const folders = ['/', '/app', '/app/dist', '/app/node_modules', '/home/node', '/tmp', '/usr/local/bin'];
  const writable = await writableFolders({ atEnd, image, folders });
  if (writable.length > 0) throw new Error(`it may write to ${writable.join(', ')}`);
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Throws unless a run ends with this code, and its output has the pattern. */
async function ends(running, code, pattern = /(?:)/) {
  const outcome = await running;
  if (outcome.code !== code || !pattern.test(outcome.text)) {
    throw new Error(`it ended with ${outcome.code}, not ${code}, and wrote:\n${outcome.text}`);
  }
}

async function fails(run, pattern) {
  const reason = await run().then(
    () => '',
    ({ stdout, message }) => stdout ?? message,
  );
  if (!pattern.test(reason)) throw new Error(`it should have failed with ${pattern}: ${reason}`);
}

function equal(actual, expected) {
  if (actual !== expected) throw new Error(`is ${actual}, not ${expected}`);
}
