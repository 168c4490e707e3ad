import { count } from '../domain/count.js';
import { secondText } from '../domain/shown-times.js';
import { phoneKeyOf } from '../domain/phone-keys.js';
import { UsageError } from '../settings/errors.js';
import { confirm } from './kit/confirm.js';
import { storeSettings, type CommandContext, type AccountOptions, type Register } from './kit/context.js';
import { withExamples, onlyAccountOption, yesOption } from './kit/help.js';
import { EXIT, type ExitCode } from './kit/exit-codes.js';
import { eraseConcerned, findConcerned, type PrivacyRequest } from '../operations/erase.js';
import type { LoggedErasure } from '../store/calls/erasure-log.js';
import { withStore, withStoreToWrite } from '../operations/with-store.js';

/** Fewer digits would fit many callers. */
const LEAST_DIGITS = 7;

interface EraseOptions extends AccountOptions {
  readonly call?: string;
  readonly caller?: string;
  readonly history?: true;
  readonly yes?: true;
}

export const register: Register = (command, context) => {
  command
    .description(
      'Erase calls after a privacy request, with their transcripts and rejects. A stub of each call stays, so that the ' +
        'call is not stored again. This cannot be undone. Data at the source is not deleted. Give --call, --caller or --history.',
    )
    .option('--call <id>', 'erase the call with this id')
    .option(
      '--caller <number>',
      'erase all stored calls from this number, compared by its last ten digits; later calls are still stored',
    )
    .option('--history', 'erase nothing, but show who erased which calls, the newest first, in all accounts')
    .addOption(onlyAccountOption())
    .addOption(yesOption())
    .action(context.action((options: EraseOptions) => erase(context, options)));
  withExamples(command, {
    reads: ['callweave erase --history'],
    others: ['callweave erase --call 7F3A-1C9E5B20D4A8', 'callweave erase --caller 775-555-0143 --yes'],
  });
};

async function erase(context: CommandContext, options: EraseOptions): Promise<ExitCode> {
  if (options.history === true) return showHistory(context, options);
  const { output } = context;
  const who = readWho(options);
  const { mongodb, account } = storeSettings({ context, name: options.account });
  return withStoreToWrite(mongodb, async (store) => {
    const concerned = await findConcerned(store, { account, ...who });
    const { calls, rejectIds } = concerned;
    for (const { id, startedAt } of calls) output.note(`${id}  ${startedAt?.toISOString() ?? 'at an unknown time'}`);
    const what = `${count(calls.length, 'call')} and ${count(rejectIds.length, 'reject')} will be erased for good`;
    if (calls.length + rejectIds.length === 0) {
      if ((await store.erasureLog.finishErased(new Date())) > 0)
        output.note('an erasure that had broken off is finished: all of its calls are erased');
      throw new Error('nothing was erased: no stored call or reject belongs to this request');
    }
    if (!(await confirm({ what, isConfirmed: options.yes === true }))) {
      output.note('nothing was erased');
      return EXIT.failed;
    }
    await eraseConcerned(store, concerned);
    if (options.json) output.printJson({ calls: calls.map(({ id }) => id), rejects: rejectIds.length });
    else output.print(`erased ${count(calls.length, 'call')}, ${count(rejectIds.length, 'reject')}`);
    return EXIT.done;
  });
}

async function showHistory(context: CommandContext, options: EraseOptions): Promise<ExitCode> {
  const { output } = context;
  const { call, caller, account, yes } = options;
  if ([call, caller, account, yes].some((other) => other !== undefined))
    throw new UsageError('--history shows all erasures and erases nothing: leave all other options out');
  const { mongodb } = storeSettings({ context, name: undefined });
  const erasures = await withStore(mongodb, (store) => store.erasureLog.list());
  if (options.json) output.printJson(erasures);
  else if (erasures.length === 0) output.print('nothing was erased');
  else output.printTable({ head: ['at', 'by', 'rejects', 'calls'], rows: erasures.map(historyRow) });
  return EXIT.done;
}

function historyRow({ at, by, rejects, calls, finishedAt }: LoggedErasure): string[] {
  const brokenOff = finishedAt === null ? ['(not finished: erase again)'] : [];
  return [secondText(at), by, count(rejects), [...calls, ...brokenOff].join(' ')];
}

function readWho({ call, caller }: EraseOptions): Pick<PrivacyRequest, 'callId' | 'fromKey'> {
  if ((call === undefined) === (caller === undefined))
    throw new UsageError('which calls? Give either --call or --caller');
  if (caller === undefined) return { callId: call ?? null, fromKey: null };
  const fromKey = phoneKeyOf(caller);
  if (fromKey === null || fromKey.length < LEAST_DIGITS) {
    throw new UsageError(`--caller needs a phone number of at least ${LEAST_DIGITS} digits`);
  }
  return { callId: null, fromKey };
}
