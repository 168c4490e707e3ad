import { count } from '../../domain/count.js';
import type { Estimated } from '../../domain/days/estimate.js';
import type { DryRun } from '../../operations/dry-run.js';
import { aligned, roughDuration, section, type Field } from '../kit/text.js';
import { optionsLine } from './backfill-text.js';

const SURENESS = {
  exact: 'exact as of now: every day was looked at',
  good: 'good: within 10 %, four times out of five',
  fair: 'fair: within 35 %, four times out of five',
  rough: 'rough: the days differ much, or have more than one page each',
} as const;

/** Fields of the plan: options, windows and days. */
const PLAN_FIELDS = 3;
const NOTHING_TO_READ: Field = ['', 'nothing is left to read; `--reprocess all` reads the complete days again'];

/** Returns what a backfill would read, and the rows, requests and time it needs. */
export function dryRunText(dryRun: DryRun): string {
  const { options, windows, days, requestsPerSecond, probes } = dryRun;
  const rate = `at ${requestsPerSecond} request${requestsPerSecond === 1 ? '' : 's'} a second`;
  const hasTranscripts = dryRun.transcripts.high > 0;
  const fields: Field[] = [
    ['options', optionsLine(options)],
    [
      'windows',
      `${count(windows.toRead)} to read of ${count(windows.total)}${options.reprocess === 'all' ? '' : `; ${count(windows.complete)} complete already`}`,
    ],
    ['days', `${count(days.toRead)} to read of ${count(days.total)}; ${count(days.complete)} complete already`],
    ['rows', amount(dryRun.rows, count)],
    ['requests', amount(dryRun.requests, count)],
    ['transcripts', `${amount(dryRun.transcripts, count)}${hasTranscripts ? ', at least one request each' : ''}`],
    ['duration', `${amount(dryRun.readSeconds, roughDuration)} for the rows, ${rate}`],
    ...(hasTranscripts ? [['', `${amount(dryRun.totalSeconds, roughDuration)} with the transcripts`] as const] : []),
    ['how sure', `${surenessText(dryRun)} (${probes.length} of ${count(days.toRead)} days looked at)`],
  ];
  const lines = aligned([...fields, NOTHING_TO_READ]);
  const shown = days.toRead === 0 ? [...lines.slice(0, PLAN_FIELDS), ...lines.slice(-1)] : lines.slice(0, -1);
  return section(`Dry run for ${options.account}: nothing was written or started`, shown).join('\n');
}

function surenessText({ sureness, rows }: DryRun): string {
  const isBlind = sureness === 'rough' && rows.expected === 0;
  return isBlind ? 'rough: none of the days looked at has a row, but others may have some' : SURENESS[sureness];
}

/** Returns "1,200" if the number is exact, otherwise "about 1,200 (1,000 to 1,400)". */
function amount({ expected, low, high }: Estimated, show: (value: number) => string): string {
  if (low === high) return show(expected);
  return `about ${show(expected)} (${show(low)} to ${show(high)})`;
}
