import { InvalidArgumentError } from 'commander';
import { ATTENTION_CODES, isPosted, type AttentionCode } from '../../domain/alerts/attention.js';
import type { AlertRecord } from '../../domain/alerts/alert-record.js';
import { muteAlerts } from '../../operations/alerts/mute-alerts.js';
import { testAlert } from '../../operations/alerts/test-alert.js';
import { withStore, withStoreToWrite } from '../../operations/with-store.js';
import { UsageError } from '../../settings/errors.js';
import { duration } from '../../settings/schemas.js';
import { selectAccount } from '../../settings/select-account.js';
import { nearestName } from '../../settings/unknown-names.js';
import {
  commandSettings,
  storeSettings,
  type AccountOptions,
  type CommandContext,
  type CommonOptions,
  type Register,
} from '../kit/context.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import { onlyAccountOption, withExamples } from '../kit/help.js';
import { alertRow, mutedLine, shownAlert, sortedForPerson } from './alerts-text.js';

interface MuteOptions extends AccountOptions {
  /** Milliseconds; 0 ends the mute. */
  readonly for: number;
}

export const register: Register = (command, context) => {
  const listCommand = command
    .command('list')
    .description('List what was raised so far, when that was told, and what is muted.')
    .action(context.action((options: CommonOptions) => list(context, options)));
  withExamples(listCommand, { reads: ['callweave alerts list'] });
  const muteCommand = command
    .command('mute')
    .description(
      'Post nothing with this code for some time. When it is over, posts what still differs from what was told: ' +
        'raised meanwhile, or resolved.',
    )
    .argument('<code>', 'code, as `callweave status` shows it')
    .addOption(onlyAccountOption())
    .requiredOption('--for <duration>', 'time, such as 30m, 8h or 7d; 0s ends the mute', readDuration)
    .action(context.action((code: string, options: MuteOptions) => mute({ context, options, code })));
  withExamples(muteCommand, {
    others: [
      'callweave alerts mute late --for 2h',
      'callweave alerts mute rejects --account invoca --for 7d',
      'callweave alerts mute late --for 0s # end the mute',
    ],
  });
  const testCommand = command
    .command('test')
    .description('Post an alert with the code test to CALLWEAVE_ALERT_URL. Exit code 1 if the answer is not 2xx.')
    .action(context.action((options: CommonOptions) => test(context, options)));
  withExamples(testCommand, { others: ['callweave alerts test'] });
  withExamples(command, {
    reads: ['callweave alerts list'],
    others: ['callweave alerts mute late --for 2h', 'callweave alerts test'],
  });
};

const ENDED = /^0+[smhd]$/;
const Duration = duration({ min: '1s' });

/** Reads a duration, or `0s` to end a mute, to milliseconds. */
function readDuration(text: string): number {
  if (ENDED.test(text)) return 0;
  const { data } = Duration.safeParse(text);
  if (data !== undefined) return data;
  throw new InvalidArgumentError('It must be a duration such as 30m, 8h or 7d, or 0s.');
}

async function list(context: CommandContext, options: CommonOptions): Promise<ExitCode> {
  const { output } = context;
  const { mongodb } = storeSettings({ context, name: undefined });
  const records = await withStore(mongodb, (store) => store.alerts.list());
  const now = new Date();
  const shown = sortedForPerson(records).map((record: AlertRecord) => shownAlert(record, now));
  if (options.json) output.printJson(shown);
  else if (shown.length === 0) output.print('no alerts yet');
  else {
    const head = ['account', 'code', 'state', 'since', 'told', 'muted until', 'message'];
    output.printTable({ head, rows: shown.map(alertRow) });
  }
  return EXIT.done;
}

async function mute(input: { context: CommandContext; options: MuteOptions; code: string }): Promise<ExitCode> {
  const { context, options } = input;
  const { output } = context;
  const code = requireCode(input.code);
  const { settings } = commandSettings({ context, needs: ['mongodb', 'accounts'] });
  const { accounts } = settings;
  const account = options.account === undefined ? null : selectAccount({ accounts, name: options.account }).name;
  if (!isPosted(code)) output.note(`${code} is never posted, so muting it changes nothing`);
  const until = options.for === 0 ? null : new Date(Date.now() + options.for);
  const names = accounts.map(({ name }) => name);
  const muted = await withStoreToWrite(settings.mongodb, (store) =>
    muteAlerts(store, { code, account, accounts: names, until }),
  );
  if (options.json) output.printJson(muted);
  else output.print(muted.map(mutedLine).join('\n'));
  return EXIT.done;
}

function requireCode(text: string): AttentionCode {
  const code = ATTENTION_CODES.find((known) => known === text);
  if (code !== undefined) return code;
  throw new UsageError(
    `"${text}" is not a code${nearestName(text, ATTENTION_CODES)}: choose one of ${ATTENTION_CODES.join(', ')}`,
  );
}

async function test(context: CommandContext, options: CommonOptions): Promise<ExitCode> {
  const { output } = context;
  const { settings } = commandSettings({ context, needs: ['alerts'] });
  if (settings.alerts === null) throw new UsageError('CALLWEAVE_ALERT_URL is not set: there is nobody to tell');
  const result = await testAlert(settings.alerts);
  if (options.json) output.printJson(result);
  else if (result.ok) output.print('the alert URL took a test');
  else output.print(`the alert URL did not take a test: ${result.reason ?? 'unknown'}`);
  return result.ok ? EXIT.done : EXIT.failed;
}
