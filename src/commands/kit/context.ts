import { join } from 'node:path';
import type { Command } from 'commander';
import { fittingDevInstance, hasDevInstanceDied, type DevInstance } from '../../settings/dev-instance.js';
import { nonBlank, type Environment } from '../../settings/read-group.js';
import { selectAccount } from '../../settings/select-account.js';
import { sampleAccounts } from '../../settings/sample-account.js';
import { loadSettings, type Need, type Settings, type SettingsFor } from '../../settings/settings.js';
import type { ExitCode } from './exit-codes.js';
import type { Output } from './output.js';

/** The surroundings of a command: environment, folder and output. */
export interface CommandContext {
  readonly env: Environment;
  readonly cwd: string;
  readonly output: Output;
  /** Makes a commander action of a handler; the handler's result becomes the exit code. */
  readonly action: <Arguments extends readonly unknown[]>(
    handler: (...args: Arguments) => Promise<ExitCode>,
  ) => (...args: Arguments) => Promise<void>;
}

/** Adds arguments, options and actions, or subcommands with theirs, to a command. */
export type Register = (command: Command, context: CommandContext) => void;

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: true;
}

/** Options of a command that takes `--account`. */
export interface AccountOptions extends CommonOptions {
  readonly account?: string;
}

/** Options of a command that starts a workflow. */
export interface WaitOptions extends AccountOptions {
  readonly wait?: true;
}

export interface CommandSettings<Needed extends Need> {
  readonly settings: SettingsFor<Needed>;
  /** Address of a running `callweave dev`; null means the one the environment names. */
  readonly temporalAddress: string | null;
  readonly devInstance: DevInstance | null;
}

/** Folder in which `callweave dev` keeps its state unless `--data-dir` names another. */
export function defaultDataDir(cwd: string): string {
  return join(cwd, '.callweave');
}

/**
 * Loads the settings of a command that uses running servers. While `callweave dev` runs in the folder and the
 * environment names no other servers, its servers are used, and its sample accounts if no account is set; a note on
 * stderr says so.
 * @throws SettingsError if a needed setting is wrong or missing
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
      output.note('the `callweave dev` of this folder has died; using the servers of the settings');
    }
    const settings = loadSettings({ env: context.env, cwd, needs });
    noteWarnings({ output, warnings: settings.warnings });
    return { settings, temporalAddress: null, devInstance };
  }
  const { pid, mongodbUri, mongodbDatabase, temporalAddress, sample } = devInstance;
  output.note(`using the servers of the running \`callweave dev\` (pid ${pid})`);
  const settings = loadSettings({
    env: {
      ...context.env,
      MONGODB_URI: mongodbUri,
      MONGODB_DATABASE: nonBlank(context.env['MONGODB_DATABASE']) ?? mongodbDatabase,
    },
    cwd,
    // The address of its Temporal is known, so no setting of it is needed.
    needs: needs.filter((need) => need !== 'temporal'),
    fallbackAccounts: sample === null ? [] : sampleAccounts(sample),
  });
  noteWarnings({ output, warnings: settings.warnings });
  return { settings, temporalAddress, devInstance };
}

/**
 * Loads the settings of a command that reads the store for one account or for all. Without a name the account is
 * null, and no account needs to be set.
 * @throws UsageError for an unknown account, SettingsError if a needed setting is wrong or missing
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
