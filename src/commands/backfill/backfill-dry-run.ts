import type { Client } from '@temporalio/client';
import { joinWindows } from '../../domain/days/day-ranges.js';
import { daysBetween, daysOf } from '../../domain/days/days.js';
import { estimateOf, type BackfillEstimate } from '../../domain/days/estimate.js';
import { daysToProbe, type DayProbe } from '../../domain/days/probe-days.js';
import type { InvocaAccount, Settings } from '../../settings/settings.js';
import { withClient, type TemporalAddress } from '../../temporal/server/connect.js';
import { startEstimate } from '../../temporal/runs/estimates.js';
import { planAt } from '../../workflows/backfill/backfill-place.js';
import type { BackfillOptions } from '../../workflows/backfill/backfill-progress.js';
import { estimateProgressQuery, probesLine } from '../../workflows/backfill/estimate-progress.js';
import { dryRunText } from './dry-run-text.js';
import { requireTimeZone } from '../kit/day-range.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import type { Output } from '../kit/output.js';
import { waitForWorkflow } from '../kit/wait-for-workflow.js';
import { withStore } from '../../operations/with-store.js';

/** What a backfill with these options would do, and take. */
export interface DryRun extends BackfillEstimate {
  readonly options: BackfillOptions;
  readonly windows: { readonly total: number; readonly complete: number; readonly toRead: number };
  readonly days: { readonly total: number; readonly complete: number; readonly toRead: number };
  readonly requestsPerSecond: number;
  readonly probes: readonly DayProbe[];
}

interface DryRunInput {
  readonly output: Output;
  readonly mongodb: Settings['mongodb'];
  readonly temporalAddress: TemporalAddress;
  readonly feed: InvocaAccount;
  readonly options: BackfillOptions;
  readonly json: boolean;
}

/** What is known of the days and the account's rate before the source is asked. */
interface Known {
  readonly completeDays: readonly string[];
  readonly requestsPerSecond: number;
}

/** Asks for one page of a few of the days, and says what the backfill would take. Starts none, and writes nothing. */
export async function dryRunBackfill(input: DryRunInput): Promise<ExitCode> {
  const { output, options } = input;
  const known = await readKnown(input);
  const complete = options.reprocess === 'all' ? [] : known.completeDays;
  const { windows, total } = planAt({
    options,
    complete: joinWindows(complete.map((day) => ({ from: day, to: day }))),
  });
  const daysToRead = windows.flatMap(daysOf);
  const days = daysToProbe(daysToRead.sort());
  const probes =
    days.length === 0 ? [] : await withClient(input.temporalAddress, (client) => probe(client, input, days));
  if (probes === null) {
    output.note('The days were not all looked at, so nothing can be said.');
    return EXIT.failed;
  }

  const { requestsPerSecond } = known;
  const withTranscripts = options.transcripts === 'all';
  const dryRun: DryRun = {
    options,
    windows: { total, complete: total - windows.length, toRead: windows.length },
    days: {
      total: daysBetween(options.from, options.to),
      complete: known.completeDays.length,
      toRead: daysToRead.length,
    },
    requestsPerSecond,
    ...estimateOf({ windows, probes, parallel: options.parallel, requestsPerSecond, withTranscripts }),
    probes,
  };
  if (input.json) output.printJson(dryRun);
  else output.print(dryRunText(dryRun));
  return EXIT.done;
}

function readKnown({ mongodb, feed, options }: DryRunInput): Promise<Known> {
  return withStore(mongodb, async (store) => {
    const { account, from, to } = options;
    const timeZone = requireTimeZone(feed);
    const completeDays = await store.coverage.completeDays({ account, window: { from, to }, timeZone });
    const rate = (await store.limits.read(account))?.rate ?? feed.requestsPerSecond;
    return { completeDays, requestsPerSecond: Math.min(rate, feed.requestsPerSecond) };
  });
}

/** Null where the person at the terminal did not wait for it. */
async function probe(
  client: Client,
  { output, options }: DryRunInput,
  days: readonly string[],
): Promise<readonly DayProbe[] | null> {
  const { account, from, to } = options;
  const handle = await startEstimate(client, { account, window: { from, to }, days });
  return waitForWorkflow({ handle, output, query: estimateProgressQuery, describe: probesLine });
}
