import { runCheck } from '../../operations/check/run-check.js';
import { selectAccount } from '../../settings/select-account.js';
import { checksText } from './check-text.js';
import { commandSettings, type AccountOptions, type CommandContext, type Register } from '../kit/context.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import { onlyAccountOption, withExamples } from '../kit/help.js';
import { withInterrupt } from '../kit/interrupt.js';

export const register: Register = (command, context) => {
  command
    .description(
      'Try the servers, the credentials and the rights that callweave needs, in less than 15 seconds, and print a line for ' +
        'each: ok, warning, failed or skipped, with what to do. Leaves nothing behind. Asks each source at most four ' +
        'times. Exit code 3 if something failed; warnings are allowed.',
    )
    .addOption(onlyAccountOption())
    .action(context.action((options: AccountOptions) => check(context, options)));
  withExamples(command, { reads: ['callweave check'], others: ['callweave check --account invoca --json'] });
};

async function check(context: CommandContext, options: AccountOptions): Promise<ExitCode> {
  const { output } = context;
  const needs = ['mongodb', 'some-account', 'temporal', 'worker', 'alerts'] as const;
  const { settings, temporalAddress } = commandSettings({ context, needs });
  const { accounts: all, mongodb } = settings;
  const hasAlerts = settings.alerts !== null;
  const accounts = options.account === undefined ? all : [selectAccount({ accounts: all, name: options.account })];
  const progress = output.progress();
  progress.update('checking the servers and the sources');
  return withInterrupt(async (interrupt) => {
    const signal = AbortSignal.any([interrupt, output.closed]);
    const checks = await runCheck({ accounts, mongodb, temporalAddress, hasAlerts, signal })
      .catch((error: unknown) => {
        if (!signal.aborted) throw error;
        return null;
      })
      .finally(() => {
        progress.end();
      });
    if (checks === null) {
      output.note('stopped: nothing is left behind');
      return EXIT.failed;
    }
    const isOk = checks.every(({ state }) => state !== 'failed');
    if (options.json) output.printJson({ ok: isOk, checks });
    else output.print(checksText(checks));
    return isOk ? EXIT.done : EXIT.needsPerson;
  });
}
