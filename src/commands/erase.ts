import { count } from '../domain/count.js';
import { phoneKeyOf } from '../domain/phone-keys.js';
import { UsageError } from '../settings/errors.js';
import { confirm } from './kit/confirm.js';
import { accountOption, storeSettings, type CommandContext, type CommonOptions } from './kit/context.js';
import { EXIT, type ExitCode } from './kit/exit-codes.js';
import type { Register } from './kit/frame.js';
import { eraseConcerned, findConcerned, type PrivacyRequest } from '../operations/erase.js';
import { withStoreToWrite } from '../operations/with-store.js';

/** Fewer digits would be many callers. */
const LEAST_DIGITS = 7;

interface EraseOptions extends CommonOptions {
  readonly call?: string;
  readonly caller?: string;
  readonly account?: string;
  readonly yes?: true;
}

export const registerErase: Register = (command, context) => {
  command
    .description(
      'Erases calls after a privacy request, with their transcripts and the rejects that belong to them. What is left ' +
        'is a stub that keeps them from being stored again. There is no way back; the source is not told.',
    )
    .option('--call <id>', 'the call with this id')
    .option(
      '--caller <number>',
      'all calls from this number, by its last ten digits; calls yet to come are not covered',
    )
    .addOption(accountOption('of this account only; else of all, whatever the source'))
    .option('--yes', 'do not ask')
    .action(context.action((options: EraseOptions) => erase(context, options)));
};

async function erase(context: CommandContext, options: EraseOptions): Promise<ExitCode> {
  const { output } = context;
  const who = readWho(options);
  const { mongodb, account } = storeSettings({ context, name: options.account });
  return withStoreToWrite(mongodb, async (store) => {
    const concerned = await findConcerned(store, { account, ...who });
    const { calls, rejectIds } = concerned;
    for (const { id, startedAt } of calls) output.note(`${id}  ${startedAt?.toISOString() ?? 'at an unknown time'}`);
    const what = `${count(calls.length, 'call')} and ${count(rejectIds.length, 'reject')} are erased for good`;
    if (calls.length + rejectIds.length === 0) throw new Error('nothing is stored that belongs to this request');
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

function readWho({ call, caller }: EraseOptions): Pick<PrivacyRequest, 'callId' | 'fromKey'> {
  if ((call === undefined) === (caller === undefined)) throw new UsageError('say either --call or --caller');
  if (caller === undefined) return { callId: call ?? null, fromKey: null };
  const fromKey = phoneKeyOf(caller);
  if (fromKey === null || fromKey.length < LEAST_DIGITS) {
    throw new UsageError(`--caller needs a phone number of at least ${LEAST_DIGITS} digits`);
  }
  return { callId: null, fromKey };
}
