/**
 * Follows the steps of the Dockerfile in a folder. What needs an engine or another system is left out: the files of the base
 * image, of which only Node.js is taken, and steps that install packages of the system.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import dockerignore from '@balena/dockerignore';
import { root as context } from '../prepare.mjs';
import { readStages } from './dockerfile-steps.mjs';

/** Folders of the base image that the steps write to or name. */
const BASE_FOLDERS = ['usr/local/bin', 'home/node', 'tmp'];
const SYSTEM_PACKAGES = /\bapt-get\b/;

const FOLLOW = {
  ARG: () => undefined,
  EXPOSE: () => undefined,
  WORKDIR: (stage, { words: [path] }) => {
    stage.folder = posix.resolve(stage.folder, path);
    mkdirSync(join(stage.root, stage.folder), { recursive: true });
  },
  COPY: copy,
  RUN: run,
  ENV: (stage, { variables }) => Object.assign(stage.env, variables),
  LABEL: (stage, { variables }) => Object.assign(stage.labels, variables),
  USER: (stage, { words: [user] }) => {
    [stage.uid, stage.gid] = user.split(':').map(Number);
  },
  HEALTHCHECK: (stage, { text }) => {
    stage.healthCheck = JSON.parse(text.replace(/^CMD\s+/, ''));
  },
  ENTRYPOINT: (stage, { text }) => {
    stage.entrypoint = JSON.parse(text);
  },
  CMD: (stage, { text }) => {
    stage.command = JSON.parse(text);
  },
};

/**
 * Follows all stages in an empty folder, and returns the last one: `{root, folder, env, labels, uid, gid, healthCheck,
 * entrypoint, command, leftOut}`. `root` is the folder that stands for the root of its file system; `leftOut` has the steps
 * that were not followed. `node` is the path of the image's Node.js.
 */
export function followDockerfile({ folder, node }) {
  const stages = new Map();
  let stage;
  for (const { name, steps } of readStages()) {
    stage = newStage({ root: join(folder, name ?? 'image'), node, stages });
    stages.set(name, stage);
    for (const step of steps) {
      const follow = FOLLOW[step.keyword];
      if (follow === undefined) throw new Error(`This check cannot follow "${step.keyword}": teach it, in FOLLOW.`);
      follow(stage, step);
    }
  }
  return stage;
}

/** Returns a path of the image as it is in the folder; a word that is no absolute path stays as it is. */
export function pathIn({ root }, word) {
  return word.startsWith('/') ? join(root, word) : word;
}

function newStage({ root, node, stages }) {
  for (const path of BASE_FOLDERS) mkdirSync(join(root, path), { recursive: true });
  cpSync(node, join(root, 'usr/local/bin/node'));
  return { root, folder: '/', env: {}, labels: {}, leftOut: [], stages };
}

function copy(stage, { flags, words }) {
  const paths = words.slice(0, -1);
  const [target] = words.slice(-1);
  for (const path of paths) {
    const from = flags.from === undefined ? contextPath(path) : join(stage.stages.get(flags.from).root, path);
    const to = join(stage.root, posix.resolve(stage.folder, target));
    const isInto = target.endsWith('/') && !statSync(from).isDirectory();
    cpSync(from, isInto ? join(to, basename(path)) : to, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => flags.from !== undefined || !isExcluded(file),
    });
  }
}

/** Returns the path of a file of the checkout. Throws if an engine would not see it. */
function contextPath(path) {
  const file = join(context, path);
  if (!existsSync(file)) throw new Error(`The Dockerfile copies ${path}, which does not exist.`);
  if (isExcluded(file)) throw new Error(`The Dockerfile copies ${path}, which .dockerignore excludes.`);
  return file;
}

function isExcluded(file) {
  const path = posix.relative(context, file);
  return path !== '' && ignored().ignores(path);
}

let rules;
function ignored() {
  rules ??= dockerignore().add(readFileSync(join(context, '.dockerignore'), 'utf8'));
  return rules;
}

function run(stage, { text }) {
  if (SYSTEM_PACKAGES.test(text)) {
    stage.leftOut.push(text);
    return;
  }
  // An absolute path follows a space or a quote.
  const command = text.replaceAll(/(?<=[\s"'])\/(?=\w)/g, `${stage.root}/`);
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', command], {
    cwd: join(stage.root, stage.folder),
    env: { ...buildEnvironment(), ...stage.env, PATH: `${join(stage.root, 'usr/local/bin')}:${process.env.PATH}` },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`"RUN ${text}" ended with ${status}:\n${stdout}${stderr}`);
}

/** Returns our environment without what npm and this program have set for themselves. */
function buildEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|NODE_ENV$|INIT_CWD$)/.test(name)),
  );
}
