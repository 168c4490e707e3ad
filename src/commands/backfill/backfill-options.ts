import { InvalidArgumentError, Option, type Command } from 'commander';
import { MAX_PARALLEL, type BackfillOptions } from '../../workflows/backfill/backfill-progress.js';
import type { WaitOptions } from '../kit/context.js';
import { accountOption, dryRunOption, fromOption, toOption, waitOption, yesOption } from '../kit/help.js';

export interface BackfillCommandOptions extends WaitOptions {
  readonly from?: string;
  readonly to?: string;
  /** Days. */
  readonly window: number;
  readonly parallel: number;
  readonly newestFirst?: true;
  readonly reprocess: BackfillOptions['reprocess'];
  readonly transcripts: BackfillOptions['transcripts'];
  readonly dryRun?: true;
  readonly yes?: true;
}

const MOST_WINDOW_DAYS = 366;
export const PARALLEL_TEXT = `windows drained at once, 1 to ${MAX_PARALLEL}`;

export function addBackfillOptions(command: Command): Command {
  return command
    .addOption(accountOption())
    .addOption(fromOption())
    .addOption(toOption())
    .addOption(new Option('--window <days>', 'days per window, such as 7d').argParser(readWindow).default(1, '1d'))
    .addOption(new Option('--parallel <windows>', PARALLEL_TEXT).argParser(readParallel).default(4))
    .option('--newest-first', 'start with the latest window')
    .addOption(
      new Option('--reprocess <which>', 'missing: skip windows whose days are complete; all: read every day again')
        .choices(['missing', 'all'])
        .default('missing'),
    )
    .addOption(
      new Option('--transcripts <which>', 'all: fetch the transcripts of new calls; none: leave them out')
        .choices(['all', 'none'])
        .default('all'),
    )
    .addOption(dryRunOption())
    .addOption(waitOption())
    .addOption(yesOption());
}

/** Returns the options given on the command line, without those that are defaults. */
export function saidOptions(command: Command, wanted: BackfillOptions): Partial<BackfillOptions> {
  const { windowDays, parallel, newestFirst, reprocess, transcripts } = wanted;
  const isSaid = (option: keyof BackfillCommandOptions): boolean => command.getOptionValueSource(option) === 'cli';
  return {
    ...(isSaid('window') && { windowDays }),
    ...(isSaid('parallel') && { parallel }),
    ...(isSaid('newestFirst') && { newestFirst }),
    ...(isSaid('reprocess') && { reprocess }),
    ...(isSaid('transcripts') && { transcripts }),
  };
}

/** Reads `3d` or `3` as days. */
function readWindow(text: string): number {
  const days = Number(/^(\d{1,3})d?$/.exec(text)?.[1]);
  if (days >= 1 && days <= MOST_WINDOW_DAYS) return days;
  throw new InvalidArgumentError(`It must be a number of days from 1d to ${MOST_WINDOW_DAYS}d.`);
}

export function readParallel(text: string): number {
  const windows = /^\d+$/.test(text) ? Number(text) : NaN;
  if (windows >= 1 && windows <= MAX_PARALLEL) return windows;
  throw new InvalidArgumentError(`It must be a number from 1 to ${MAX_PARALLEL}.`);
}
