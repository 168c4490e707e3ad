import { createLog, temporalLogger } from '../log.js';
import { withClient, describeTarget } from '../temporal/connect.js';
import { withRuntime } from '../temporal/runtime.js';
import { scheduleWarnings } from '../temporal/schedules.js';
import { ensureSearchAttributes } from '../temporal/search-attributes.js';
import { runWorker } from '../worker.js';
import { commandSettings, type CommandContext } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Register } from './frame.js';
import { withInterrupt } from './interrupt.js';
import { withStore } from './with-store.js';

export const registerWorker: Register = (command, context) => {
  command
    .description(
      'Runs the worker for the accounts of the settings until SIGTERM or Ctrl-C: pages in flight are finished first. ' +
        'Several may run; they share the work. Schedules are made by `callweave schedule apply`.',
    )
    .action(context.action(() => worker(context)));
};

async function worker(context: CommandContext): Promise<ExitCode> {
  const { settings, temporalAddress } = commandSettings({ context, needs: ['mongodb', 'some-account', 'worker'] });
  const log = createLog(settings);
  const runtime = { logger: temporalLogger(log), metricsAddress: settings.metricsAddress };
  await withRuntime(runtime, () =>
    withStore(settings.mongodb, async (store) => {
      await store.ensureIndexes();
      const registration = await withClient(temporalAddress, ensureSearchAttributes);
      if (registration !== null)
        log.warn({ command: registration }, 'search attributes cannot be registered from here');
      for (const warning of scheduleWarnings(settings.accounts)) log.warn(warning);
      const accounts = settings.accounts.map(({ name }) => name);
      const onRunning = (): void => {
        log.info({ accounts, temporal: describeTarget(temporalAddress) }, 'worker is running');
      };
      await withInterrupt((signal) => runWorker({ ...settings, store, temporalAddress, signal, onRunning }));
      log.info('worker has stopped');
    }),
  );
  return EXIT.done;
}
