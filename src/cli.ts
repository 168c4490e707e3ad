#!/usr/bin/env node
import { runCli } from './commands/frame.js';
import { commands } from './commands/table.js';
import { readEnvironment } from './settings/environment.js';

const cwd = process.cwd();

process.exitCode = await runCli({
  argv: process.argv.slice(2),
  env: readEnvironment({ cwd }),
  cwd,
  stdout: process.stdout,
  stderr: process.stderr,
  commands,
});
