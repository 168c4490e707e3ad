import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configFileKey, fileVariant } from '../../src/settings/setting.js';
import type { Environment } from '../../src/settings/read-group.js';
import { withoutSecrets } from '../../src/process/secrets.js';
import { SettingsError } from '../../src/settings/errors.js';
import { loadSettings } from '../../src/settings/settings.js';
import { alertSettings } from '../../src/settings/alert-table.js';
import {
  crediraSettings,
  invocaSettings,
  logSettings,
  mongodbSettings,
  workerSettings,
} from '../../src/settings/table.js';
import { networkSettings } from '../../src/settings/network/proxy.js';
import { furtherTemporalSettings, temporalSettings } from '../../src/settings/temporal-table.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const GROUPS = [
  networkSettings,
  ...[temporalSettings, furtherTemporalSettings, mongodbSettings],
  ...[invocaSettings, crediraSettings, workerSettings, logSettings, alertSettings],
];
const SECRETS = GROUPS.flatMap((group) => Object.entries(group)).filter(([, { isSecret }]) => isSecret);
const NAMES = [...SECRETS.map(([name]) => name), 'TEMPORAL_GRPC_META_X_KEY'];
const IN_FILES = SECRETS.filter(([, { hasFile }]) => hasFile).map(([name]) => name);
const IN_YAML = IN_FILES.filter((name) => !/^(MONGODB|CALLWEAVE)/.test(name));

/** Returns a valid value of the setting, whose secret part contains MARK. */
function soundValue(name: string): string {
  if (name === 'MONGODB_URI') return 'mongodb://app:MARK-4711@db.example/?proxyPassword=MARK-4712';
  if (name === 'HTTPS_PROXY') return 'http://app:MARK-4711@proxy.example:3128';
  if (name.startsWith('CALLWEAVE_ALERT')) return 'https://hooks.example/services/MARK-4711-of-alerts?key=MARK-4712';
  return name === 'INVOCA_WEBHOOK_SECRET' ? 'MARK-4711-of-webhooks' : 'MARK-4711';
}

const NEEDS = ['mongodb', 'accounts', 'worker', 'temporal', 'alerts'] as const;
const ACCOUNT = { INVOCA_BASE_URL: 'https://acme.invoca.net', INVOCA_ID: '1', INVOCA_TOKEN: 'other-token' };

/** Returns the problems of the settings, or null. */
function problemsOf(env: Environment, cwd = '/nowhere'): readonly string[] | null {
  try {
    loadSettings({ env: { ...ACCOUNT, ...env }, cwd, needs: NEEDS });
    return null;
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

const TRIMMED = ['\n', '\r\n', ' ', '\t', '\u00a0', '\ufeff'];
const REFUSED: readonly [string, string][] = [
  ['a line break', 'MARK\n4711'],
  ['the line break of Windows', 'MARK\r\n4711'],
  ['a character outside Latin-1', 'MARK€4711'],
  ['a character outside ASCII', 'MARKé4711'],
  ['an emoji', 'MARK😀4711'],
  ['a control character', 'MARK\x1b[31m4711'],
  ['DEL', 'MARK\x7f4711'],
  ['quotes around it', '"MARK-4711"'],
  ['single quotes around it', "'MARK-4711'"],
  ['typographic quotes around it', '“MARK-4711”'],
  ['half of its quotes', '"MARK-4711'],
  ['a zero-width space', 'MARK\u200b4711'],
  ['a zero-width space at its end', 'MARK-4711\u200b'],
  ['a byte order mark inside', 'MARK\ufeff4711'],
  ['NUL', 'MARK\x004711'],
];
/** Secrets of one word. A private key has several lines and a header may have quotes, so they are left out. */
const WORDS = ['TEMPORAL_API_KEY', 'INVOCA_TOKEN', 'CREDIRA_API_KEY', 'INVOCA_WEBHOOK_SECRET'];

describe('a secret', () => {
  it.each(NAMES.filter((name) => name !== 'TEMPORAL_TLS_CLIENT_KEY_DATA'))(
    '%s is read without the white space around it, wherever it is set',
    async (name) => {
      const cwd = await temporaryFolder();
      for (const blank of TRIMMED) {
        expect(problemsOf({ [name]: `${blank}${soundValue(name)}${blank}` })).toBeNull();
        writeFileSync(join(cwd, 'secret'), `${soundValue(name)}${blank}`);
        if (!IN_FILES.includes(name)) continue;
        expect(problemsOf({ [name]: undefined, [fileVariant(name)]: 'secret' }, cwd)).toBeNull();
      }
    },
  );

  it.each(WORDS.flatMap((name) => REFUSED.map(([what, value]) => [name, what, value] as const)))(
    '%s with %s is refused with its name, and not shown',
    async (name, _, value) => {
      const cwd = await temporaryFolder();
      writeFileSync(join(cwd, 'secret'), value);
      const inEnvironment = problemsOf({ [name]: value });
      const inFile = IN_FILES.includes(name)
        ? problemsOf({ [name]: undefined, [fileVariant(name)]: 'secret' }, cwd)
        : inEnvironment;

      for (const problems of [inEnvironment, inFile]) {
        expect(problems).toHaveLength(1);
        expect(problems?.join()).toContain(name);
        expect(problems?.join()).not.toMatch(/MARK|4711/);
      }
      expect(inEnvironment?.join().includes('the quotes are part of the value')).toBe(/["'“]/.test(value));
    },
  );

  it.each(IN_YAML.flatMap((name) => REFUSED.map(([what, value]) => [name, what, value] as const)))(
    '%s with %s is refused in callweave.yaml too',
    async (name, _, value) => {
      const cwd = await temporaryFolder();
      const source = name.startsWith('INVOCA') ? 'invoca' : 'credira';
      const rest = source === 'invoca' ? { baseUrl: ACCOUNT.INVOCA_BASE_URL, id: '1', token: '${INVOCA_TOKEN}' } : {};
      const entry = { source, name: 'east', ...rest, [configFileKey(name)]: value };
      writeFileSync(join(cwd, 'callweave.yaml'), JSON.stringify({ accounts: [entry] }));

      const problems = problemsOf({ CALLWEAVE_CONFIG: 'callweave.yaml' }, cwd);

      expect(problems).toHaveLength(1);
      expect(problems?.join()).toContain(`accounts[0].${configFileKey(name)}`);
      expect(problems?.join()).not.toMatch(/MARK|4711/);
    },
  );

  it.each([
    ['MONGODB_URI', 'mongodb://app:MARK\n4711@db'],
    ['MONGODB_URI', 'mongodb://app:MARK\u200b4711@db'],
    ['MONGODB_URI', 'mongodb://app:MARK 4711@db'],
    ['MONGODB_URI', 'mongodb://app:MARK@4711@db'],
    ['MONGODB_URI', 'mongodb://app:MARK%zz4711@db'],
    ['MONGODB_URI', 'mongodb://app:MARK/4711@db'],
    ['MONGODB_URI', '"mongodb://app:MARK4711@db"'],
    ['MONGODB_URI', 'mysql://app:MARK4711@db'],
    ['TEMPORAL_TLS_CLIENT_KEY_DATA', 'MARK-4711'],
    ['TEMPORAL_TLS_CLIENT_KEY_DATA', '-----BEGIN PRIVATE KEY-----\nMARK4711\n-----END PRIVATE KEY-----'],
    ['TEMPORAL_TLS_CLIENT_KEY_DATA', '-----BEGIN PRIVATE KEY-----\nMARK\x004711\n-----END PRIVATE KEY-----'],
    ...['CALLWEAVE_ALERT_URL', 'CALLWEAVE_ALERT_HEARTBEAT_URL'].flatMap((name): [string, string][] => [
      [name, 'http://hooks.example/MARK4711'],
      [name, 'hooks.example/MARK4711'],
      [name, 'https://hooks.example/MARK 4711'],
      [name, 'https://hooks.example/#MARK4711'],
      [name, 'https://hooks.example/MARK\u200b4711'],
      [name, '"https://hooks.example/MARK4711"'],
    ]),
    ['TEMPORAL_GRPC_META_X_KEY', 'MARK\n4711'],
    ['TEMPORAL_GRPC_META_X_KEY', 'MARK€4711'],
  ])('%s that cannot be used is refused with its name, and not shown: %j', (name, value) => {
    const problems = problemsOf({ [name]: value });

    expect(problems).toHaveLength(1);
    expect(problems?.join()).toContain(name.replace(/_CLIENT_KEY_DATA$/, ''));
    expect(problems?.join()).not.toMatch(/MARK|4711/);
  });

  it.each(NAMES)('%s is redacted once settings have been read, even for a command that does not use it', (name) => {
    const value = soundValue(name).replaceAll('MARK', `KNOWN-${name}`);
    try {
      loadSettings({ env: { [name]: value, HTTPS_PROXY: 'http://me:PROXY-4711@proxy' }, needs: [] });
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
    }

    expect(withoutSecrets(`"${value}" http://me:PROXY-4711@proxy`)).not.toMatch(/4711|4712/);
  });
});
