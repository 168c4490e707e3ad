import { join } from 'node:path';
import { Option } from 'commander';
import { fittingDevInstance, hasDevInstanceDied, type DevInstance } from '../../settings/dev-instance.js';
import { nonBlank, type Environment } from '../../settings/read-group.js';
import { selectAccount } from '../../settings/select-account.js';
import { sampleAccounts } from '../../settings/sample-account.js';
import { loadSettings, type Need, type Settings, type SettingsFor } from '../../settings/settings.js';
import type { ExitCode } from './exit-codes.js';
import type { Output } from './output.js';

/** What the frame gives to each command. */
export interface CommandContext {
  readonly env: Environment;
  readonly cwd: string;
  readonly output: Output;
  /** Makes a commander action of a handler; what the handler returns becomes the exit code. */
  readonly action: <Arguments extends readonly unknown[]>(
    handler: (...args: Arguments) => Promise<ExitCode>,
  ) => (...args: Arguments) => Promise<void>;
}

/** The options the frame puts on every command. */
export interface CommonOptions {
  readonly json?: true;
}

export interface CommandSettings<Needed extends Need> {
  readonly settings: SettingsFor<Needed>;
  /** Of a running `npm start`; null for what the environment says. */
  readonly temporalAddress: string | null;
  readonly devInstance: DevInstance | null;
}

/** Where `callweave dev` keeps its state unless it is told otherwise. */
export function defaultDataDir(cwd: string): string {
  return join(cwd, '.callweave');
}

/**
 * The settings of a command that talks to servers which are there already. While `npm start` runs and the environment
 * names no others, they are its servers, and its sample account where no account is set; stderr says so.
 */
export function commandSettings<Needed extends Need>({
  context,
  needs,
}: {
  context: Pick<CommandContext, 'env' | 'cwd' | 'output'>;
  needs: readonly Needed[];
}): CommandSettings<Needed> {
  const { cwd, output } = context;
  const devInstance = fittingDevInstance({ env: context.env, dataDir: defaultDataDir(cwd) });
  if (devInstance === null) {
    if (hasDevInstanceDied({ dataDir: defaultDataDir(cwd) })) {
      output.note('the `npm start` of this folder has died; using the servers of the settings');
    }
    const settings = loadSettings({ env: context.env, cwd, needs });
    noteWarnings({ output, warnings: settings.warnings });
    return { settings, temporalAddress: null, devInstance };
  }
  const { pid, mongodbUri, mongodbDatabase, temporalAddress, sample } = devInstance;
  output.note(`using the servers of the running \`npm start\` (pid ${pid})`);
  const settings = loadSettings({
    env: {
      ...context.env,
      MONGODB_URI: mongodbUri,
      MONGODB_DATABASE: nonBlank(context.env['MONGODB_DATABASE']) ?? mongodbDatabase,
    },
    cwd,
    // Its Temporal needs nothing of the settings.
    needs: needs.filter((need) => need !== 'temporal'),
    fallbackAccounts: sample === null ? [] : sampleAccounts(sample),
  });
  noteWarnings({ output, warnings: settings.warnings });
  return { settings, temporalAddress, devInstance };
}

/**
 * The settings of a command about what is stored of one account, or of all: without a name the account is null, and
 * which accounts are set does not matter.
 */
export function storeSettings({ context, name }: { context: CommandContext; name: string | undefined }): {
  readonly mongodb: Settings['mongodb'];
  readonly account: string | null;
} {
  const { settings } = commandSettings({ context, needs: name === undefined ? ['mongodb'] : ['mongodb', 'accounts'] });
  const account = name === undefined ? null : selectAccount({ ...settings, name }).name;
  return { mongodb: settings.mongodb, account };
}

export function noteWarnings({ output, warnings }: { output: Output; warnings: readonly string[] }): void {
  warnings.forEach(output.warn);
}

export function accountOption(description = 'the account; may be left out when only one fits'): Option {
  return new Option('--account <name>', description);
}
