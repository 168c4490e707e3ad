import { count } from '../domain/count.js';
import type { Days } from '../domain/days/days.js';
import { dayEnd, dayStart } from '../domain/days/zoned-days.js';
import { harmlessLine } from '../process/harmless-text.js';
import { selectAccount } from '../settings/select-account.js';
import type { InvocaAccount } from '../settings/settings.js';
import type { Store } from '../store/store.js';
import { startVerify } from '../temporal/runs/repairs.js';
import {
  differencesLeft,
  goneUnknownLine,
  verifyCountsLine,
  verifyProgressQuery,
  type VerifyProgress,
  type VerifyResult,
} from '../workflows/repair/repair-progress.js';
import { waitLine } from '../workflows/progress.js';
import { commandSettings, type CommandContext, type WaitOptions, type Register } from './kit/context.js';
import { confirmManyDays, readDays, requireTimeZone } from './kit/day-range.js';
import { withExamples, accountOption, fromOption, toOption, waitOption, yesOption } from './kit/help.js';
import { EXIT, type ExitCode } from './kit/exit-codes.js';
import { runWorkflow } from './kit/run-workflow.js';
import { withStore } from '../operations/with-store.js';

interface VerifyOptions extends WaitOptions {
  readonly from?: string;
  readonly to?: string;
  readonly repair?: true;
  readonly yes?: boolean;
}

export const register: Register = (command, context) => {
  command
    .description(
      'Read the calls of these days again from the source and report which are missing or differ, and which stored calls ' +
        'the source no longer shows (gone). Changes no call without --repair. Needs a running worker. Asks for confirmation if the range is longer than three years. With ' +
        '--wait, exit code 3 if differences are left.',
    )
    .addOption(accountOption())
    .addOption(fromOption())
    .addOption(toOption())
    .option('--repair', 'store the source’s version of the calls that are missing or differ, and of no others')
    .addOption(yesOption())
    .addOption(waitOption())
    .action(context.action((options: VerifyOptions) => runVerify(context, options)));
  withExamples(command, {
    others: [
      'callweave verify --from 2025-06-02 --to 2025-06-03 --wait',
      'callweave verify --from 2025-06-02 --to 2025-06-03 --repair --wait # and store what differs',
    ],
  });
};

async function runVerify(context: CommandContext, options: VerifyOptions): Promise<ExitCode> {
  const { output } = context;
  const { settings, ...servers } = commandSettings({
    context,
    needs: ['accounts', 'mongodb', 'temporal'],
  });
  const feed = selectAccount({ ...settings, name: options.account, intake: 'feed' });
  const account = feed.name;
  const { from, to, yes: isConfirmed = false } = options;
  const timeZone = requireTimeZone(feed);
  const days = readDays({ from, to, now: new Date(), timeZone });
  const requests = await withStore(settings.mongodb, (store) => fewestRequests({ store, feed, days, timeZone }));
  if (!(await confirmManyDays({ days, requests, isConfirmed }))) return EXIT.failed;
  const repair = options.repair ?? false;
  return runWorkflow({
    ...servers,
    output,
    options,
    account,
    start: (client) => startVerify(client, { account, ...days, repair }),
    remark: (started) => {
      if (started.repair === repair) return;
      output.warn(`the verification that runs was started ${started.repair ? 'with' : 'without'} --repair`);
    },
    query: verifyProgressQuery,
    progressLine,
    result: resultText,
    goesOn: 'The verification continues in the background; the same command with --wait attaches to it.',
    exitCode: (result) => (differencesLeft(result) === 0 ? EXIT.done : EXIT.needsPerson),
  });
}

/** Least number of requests: a call has at least one row, and the empty page after the last row is requested too. */
async function fewestRequests(input: {
  store: Store;
  feed: InvocaAccount;
  days: Days;
  timeZone: string;
}): Promise<number> {
  const { store, feed, days, timeZone } = input;
  const period = { from: dayStart(days.from, timeZone), to: dayEnd(days.to, timeZone) };
  const calls = await store.calls.countStarted({ account: feed.name, ...period });
  return Math.ceil(calls / feed.pageLimit) + 1;
}

function progressLine({ account, waiting, ...counts }: VerifyProgress): string {
  const soFar = counts.missing + counts.stale === 0 ? ' so far' : '';
  return `${account}: ${verifyCountsLine(counts)}${soFar}${waiting === null ? '' : `; ${waitLine(waiting)}`}`;
}

const GONE =
  'Calls that are gone are stored, but the source no longer shows them on these days. --repair leaves them alone; ' +
  'callweave call refresh ID asks the source for one.';
const NOTHING_SHOWN =
  'The source shows no row at all on these days, so every stored call counts as gone. First check that INVOCA_SCOPE, ' +
  'INVOCA_ID and the token are those with which the calls were read.';

function resultText(result: VerifyResult): string {
  const { account, from, to, repair, repaired, missing, stale, gone, goneReason, rows, details } = result;
  const outcome = `${account}, ${from} to ${to}: ${verifyCountsLine(result)}`;
  const examples = details.map(({ callId, kind, changed }) =>
    harmlessLine(`  ${callId}  ${[kind, ...changed].join(' ')}`),
  );
  const more = missing + stale + (gone ?? 0) - details.length;
  return [
    repair ? `${outcome}; ${count(repaired)} repaired` : outcome,
    ...examples,
    ...(more > 0 ? [`  and ${count(more)} more, in the collection differences`] : []),
    ...(missing + stale > 0 && !repair ? ['Run it with --repair to store the source’s version.'] : []),
    ...((gone ?? 0) > 0 ? [rows === 0 ? NOTHING_SHOWN : GONE] : []),
    ...(goneReason === null ? [] : [goneUnknownLine(goneReason)]),
  ].join('\n');
}
