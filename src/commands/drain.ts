import { setTimeout as sleep } from 'node:timers/promises';
import { selectAccount } from '../settings/select-account.js';
import { describeTarget, withClient } from '../temporal/connect.js';
import { drainProgress, startDrain, type DrainHandle } from '../temporal/drains.js';
import { failureMessage } from '../temporal/failure-message.js';
import { workflowUrl } from '../temporal/web-ui.js';
import { progressLine, type DrainResult } from '../workflows/drain-progress.js';
import { accountOption, commandSettings, webUrlOf, type CommandContext, type CommonOptions } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Register } from './frame.js';
import { withInterrupt } from './interrupt.js';
import type { Progress } from './output.js';

const REFRESH_MS = 500;

interface DrainOptions extends CommonOptions {
  readonly account?: string;
  readonly wait?: true;
}
