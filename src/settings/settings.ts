import { SOURCES } from '../domain/call.js';
import { knowUrlSecrets } from '../process/secrets.js';
import { readAccounts, type Account } from './accounts.js';
import { readAlerts, type AlertSettings } from './alerts.js';
import { readDeployment, type WorkerBuild } from './deployment.js';
import { readConfigFile, type ConfigFile } from './files/config-file.js';
import { SettingsError } from './errors.js';
import { readMongodb } from './mongodb.js';
import { readOtlp, type OtlpReceiver } from './otlp.js';
import { readNetwork } from './network/proxy.js';
import { environmentSource, nonBlank, readGroup, type Environment } from './read-group.js';
import { logSettings, PROXY_NAMES, requiredNamesOf, workerSettings } from './table.js';
import { readTemporal } from './temporal.js';
import { unknownNameWarnings } from './unknown-names.js';

export type { Account, InvocaAccount } from './accounts.js';

export interface Settings {
  readonly mongodb: { readonly uri: string; readonly database: string };
  readonly accounts: readonly Account[];
  readonly transcriptChildren: number;
  /** `host:port`, or null for off. */
  readonly metricsAddress: string | null;
  /** The receiver that metrics are sent to, or null for none. */
  readonly otlp: OtlpReceiver | null;
  /** The build that workers run under Worker Versioning, or null without it. */
  readonly deployment: WorkerBuild | null;
  /** `host:port`, or null for off. */
  readonly healthAddress: string | null;
  /** `host:port`, or null for off. */
  readonly webhookAddress: string | null;
  /** Receiver of alerts; null for none. */
  readonly alerts: AlertSettings | null;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  /** True if the user set the level. */
  readonly isLogLevelSet: boolean;
  /** Null if the format depends on the terminal. */
  readonly logFormat: 'pretty' | 'json' | null;
  /** One line each, for the user: unknown names, secrets in plain text. */
  readonly warnings: readonly string[];
}

/** The problem of an environment without an account. */
const NO_ACCOUNT = `no account is set: set ${requiredNamesOf(SOURCES)}, or CALLWEAVE_CONFIG; or run \`callweave dev\` first, which has sample accounts then`;

interface PartOf {
  readonly mongodb: 'mongodb';
  /** Any number of accounts, also none. */
  readonly accounts: 'accounts';
  /** One account or more. */
  readonly 'some-account': 'accounts';
  readonly worker: 'transcriptChildren' | 'metricsAddress' | 'otlp' | 'deployment' | 'healthAddress' | 'webhookAddress';
  readonly alerts: 'alerts';
  /** Checked only: `temporalConnection` reads it again to connect. */
  readonly temporal: never;
}

/** A part of the settings that a command uses, and which is therefore checked. */
export type Need = keyof PartOf;

export type SettingsFor<Needed extends Need> = Pick<
  Settings,
  PartOf[Needed] | 'logLevel' | 'isLogLevelSet' | 'logFormat' | 'warnings'
>;

/**
 * Reads the settings a command needs from the environment and the file that `CALLWEAVE_CONFIG` names. The others are
 * not checked, but their secrets are registered. Paths are relative to `cwd`. `fallbackAccounts` are used if no account
 * is set.
 * @throws SettingsError with every problem of the needed settings
 */
export function loadSettings<Needed extends Need>({
  env,
  cwd = '.',
  needs,
  fallbackAccounts = [],
}: {
  env: Environment;
  cwd?: string;
  needs: readonly Needed[];
  fallbackAccounts?: readonly Account[];
}): SettingsFor<Needed> {
  const file = readConfigFile({ env, cwd });
  const surroundings = { env, cwd, file, fallbackAccounts };
  const makesConnections = needs.some((need) => need === 'worker' || need === 'temporal' || need === 'alerts');
  const reads = [readLog, ...needs.map((need) => PARTS[need]), ...(makesConnections ? [checkNetwork] : [])];
  const parts = reads.map((read) => read(surroundings));
  knowOtherSecrets(surroundings, needs);
  // Several parts report what is wrong with the config file.
  const warnings = unique([
    ...unknownNameWarnings({ env, usedNames: file.usedNames }),
    ...parts.flatMap((part) => part.warnings ?? []),
  ]);
  const problems = unique(parts.flatMap((part) => part.problems));
  if (problems.length > 0) throw new SettingsError({ problems, warnings });

  const settings = parts.reduce<Partial<Settings>>((all, part) => ({ ...all, ...part.settings }), { warnings });
  return settings as SettingsFor<Needed>;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

interface Surroundings {
  readonly env: Environment;
  readonly cwd: string;
  readonly file: ConfigFile;
  readonly fallbackAccounts: readonly Account[];
}

interface Part {
  readonly settings: Partial<Settings>;
  readonly problems: readonly string[];
  readonly warnings?: readonly string[];
}

const PARTS: Readonly<Record<Need, (surroundings: Surroundings) => Part>> = {
  mongodb: readMongodb,
  accounts: readAnyAccounts,
  'some-account': readSomeAccount,
  worker: readWorker,
  alerts: readAlerts,
  temporal: ({ env }) => ({ settings: {}, problems: readTemporal(env).problems }),
};

/** Registers the secrets the command does not need, because a library may quote any variable of the environment. */
function knowOtherSecrets(surroundings: Surroundings, needs: readonly Need[]): void {
  for (const name of PROXY_NAMES.flatMap((proxy) => [proxy, proxy.toLowerCase()])) {
    knowUrlSecrets(surroundings.env[name] ?? '');
  }
  const hasAccounts = needs.some((need) => need === 'accounts' || need === 'some-account');
  if (!hasAccounts) readAccounts(surroundings);
  if (!needs.includes('mongodb')) readMongodb(surroundings);
  if (!needs.includes('temporal')) readTemporal(surroundings.env);
  if (!needs.includes('worker')) readWorker(surroundings);
  if (!needs.includes('alerts')) readAlerts(surroundings);
}

/** Reports problems of the network. {@link readAccounts} and `temporalConnection` read it again to use it. */
function checkNetwork(surroundings: Surroundings): Part {
  const { problems, warnings } = readNetwork(surroundings);
  return { settings: {}, problems, warnings };
}

function readLog(surroundings: Surroundings): Part {
  const { values, problems } = readGroup(logSettings, environmentSource(surroundings));
  if (values === null) return { settings: {}, problems };
  const settings = {
    logLevel: values.CALLWEAVE_LOG_LEVEL,
    isLogLevelSet: nonBlank(surroundings.env['CALLWEAVE_LOG_LEVEL']) !== undefined,
    logFormat: values.CALLWEAVE_LOG_FORMAT,
  };
  return { settings, problems };
}

function readWorker(surroundings: Surroundings): Part {
  const { values, sound, problems } = readGroup(workerSettings, environmentSource(surroundings));
  const isServed = (sound.CALLWEAVE_METRICS_ADDRESS ?? null) !== null;
  const { otlp, warnings, problems: otlpProblems } = readOtlp({ ...surroundings, isServed });
  const { deployment, problems: deploymentProblems } = readDeployment(surroundings);
  const allProblems = [...problems, ...otlpProblems, ...deploymentProblems];
  if (values === null) return { settings: {}, problems: allProblems, warnings };
  const settings = {
    transcriptChildren: values.CALLWEAVE_TRANSCRIPT_CHILDREN,
    metricsAddress: values.CALLWEAVE_METRICS_ADDRESS,
    otlp,
    deployment,
    healthAddress: values.CALLWEAVE_HEALTH_ADDRESS,
    webhookAddress: values.CALLWEAVE_WEBHOOK_ADDRESS,
  };
  return { settings, problems: allProblems, warnings };
}

function readAnyAccounts(surroundings: Surroundings): Part {
  const { accounts, problems, warnings } = readAccounts(surroundings);
  return { settings: { accounts: accounts.length > 0 ? accounts : surroundings.fallbackAccounts }, problems, warnings };
}

function readSomeAccount(surroundings: Surroundings): Part {
  const part = readAnyAccounts(surroundings);
  const isMissing = part.problems.length === 0 && part.settings.accounts?.length === 0;
  return isMissing ? { ...part, problems: [NO_ACCOUNT] } : part;
}
