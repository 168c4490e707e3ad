#!/usr/bin/env node
import { runMain } from './commands/main.js';

await runMain(process.argv.slice(2));
