import { InvalidArgumentError, Option, type Command } from 'commander';
import { MAX_PARALLEL, type BackfillOptions } from '../../workflows/backfill/backfill-progress.js';
import { accountOption, type CommonOptions } from '../kit/context.js';

export interface BackfillCommandOptions extends CommonOptions {
  readonly account?: string;
  readonly from?: string;
  readonly to?: string;
  /** Days. */
  readonly window: number;
  readonly parallel: number;
  readonly newestFirst?: true;
  readonly reprocess: BackfillOptions['reprocess'];
  readonly transcripts: BackfillOptions['transcripts'];
  readonly dryRun?: true;
  readonly wait?: true;
  readonly yes?: true;
}

const MOST_WINDOW_DAYS = 366;

export function addBackfillOptions(command: Command): Command {
  return command
    .addOption(accountOption())
    .option('--from <day>', 'the first day, in the zone of the account (INVOCA_TIME_ZONE)')
    .option('--to <day>', 'the last day')
    .addOption(new Option('--window <days>', 'how much is drained as one').argParser(readWindow).default(1, '1d'))
    .addOption(new Option('--parallel <windows>', 'windows drained at once').argParser(readParallel).default(4))
    .option('--newest-first', 'the latest window first')
    .addOption(
      new Option('--reprocess <which>', 'windows with a day that is not complete yet, or all of them')
        .choices(['missing', 'all'])
        .default('missing'),
    )
    .addOption(
      new Option('--transcripts <which>', 'whether calls seen for the first time get their transcripts')
        .choices(['all', 'none'])
        .default('all'),
    )
    .option('--dry-run', 'ask about a few of the days, say what it would take, and start nothing')
    .option('--wait', 'show its progress and end with its result; Ctrl-C leaves it running')
    .option('--yes', 'do not ask before reading many years');
}

/** Those of the wanted options that the command line says itself; the others are defaults. */
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

/** `3d`, or `3`. */
function readWindow(text: string): number {
  const days = Number(/^(\d{1,3})d?$/.exec(text)?.[1]);
  if (days >= 1 && days <= MOST_WINDOW_DAYS) return days;
  throw new InvalidArgumentError(`It takes days, from 1d to ${MOST_WINDOW_DAYS}d.`);
}

export function readParallel(text: string): number {
  const windows = /^\d+$/.test(text) ? Number(text) : NaN;
  if (windows >= 1 && windows <= MAX_PARALLEL) return windows;
  throw new InvalidArgumentError(`It takes a number from 1 to ${MAX_PARALLEL}.`);
}
