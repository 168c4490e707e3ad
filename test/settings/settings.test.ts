import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SettingsError } from '../../src/settings/errors.js';
import type { Environment } from '../../src/settings/read-group.js';
import { sampleAccount, sampleCrediraAccount } from '../../src/settings/sample-account.js';
import { configFileKey, namesOf } from '../../src/settings/setting.js';
import { loadSettings, type Need } from '../../src/settings/settings.js';
import {
  crediraSettings,
  invocaSettings,
  logSettings,
  mongodbSettings,
  workerSettings,
} from '../../src/settings/table.js';

const INVOCA = { INVOCA_BASE_URL: 'https://acme.invoca.net', INVOCA_ID: '1234', INVOCA_TOKEN: 'sesame-77' };
const EVERYTHING = ['mongodb', 'some-account', 'worker'] as const satisfies Need[];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'callweave-settings-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, contents: string | Buffer): string {
  writeFileSync(join(folder, name), contents);
  return name;
}

function errorFor(env: Environment, needs: readonly Need[] = EVERYTHING): SettingsError {
  try {
    loadSettings({ env, cwd: folder, needs });
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error('nothing was wrong with these settings');
}

function accountsFor(env: Environment): readonly unknown[] {
  return loadSettings({ env, cwd: folder, needs: ['accounts'] }).accounts;
}

describe('loadSettings', () => {
  it('fills in the documented defaults', () => {
    const settings = loadSettings({ env: INVOCA, needs: EVERYTHING });

    expect(settings).toEqual({
      mongodb: { uri: 'mongodb://127.0.0.1:27017', database: 'callweave' },
      accounts: [
        {
          name: 'invoca',
          source: 'invoca',
          baseUrl: 'https://acme.invoca.net',
          scope: 'networks',
          id: '1234',
          token: 'sesame-77',
          apiVersion: '2020-10-01',
          pageLimit: 4_000,
          proxy: null,
          excludeColumns: [],
          timeZone: null,
          startAfter: null,
          startDate: null,
          requestsPerSecond: 3,
          pollIntervalMs: 300_000,
          reconcileDays: 3,
          webhookSecret: null,
          transcripts: {
            enabled: true,
            maxAgeMs: null,
            delaysMs: [2, 5, 15, 60, 180, 360, 720, 1_440].map((minutes) => minutes * 60_000),
            deadlineMs: 172_800_000,
          },
        },
      ],
      transcriptChildren: 50,
      metricsAddress: null,
      otlp: null,
      deployment: null,
      healthAddress: null,
      webhookAddress: null,
      logLevel: 'info',
      isLogLevelSet: false,
      logFormat: null,
      warnings: [],
    });
  });

  it('fills in the defaults of a Credira account', () => {
    expect(accountsFor({ CREDIRA_API_KEY: 'key' })).toMatchObject([
      {
        name: 'credira',
        source: 'credira',
        baseUrl: 'https://api.credira.com/v1',
        apiKey: 'key',
        timeZone: 'UTC',
        requestsPerSecond: 3,
        pollIntervalMs: 900_000,
      },
    ]);
  });

  it('reports every problem at once, each with its name and what is allowed', () => {
    const error = errorFor({
      INVOCA_BASE_URL: 'http://acme.invoca.net',
      INVOCA_SCOPE: 'network',
      INVOCA_PAGE_LIMIT: '5000',
      INVOCA_TIME_ZONE: 'Pacific',
      INVOCA_START_DATE: '2023-02-29',
      INVOCA_POLL_INTERVAL: '1m',
      INVOCA_TRANSCRIPT_DELAYS: '5m,2m',
      INVOCA_ACCOUNT: 'Acme East',
      MONGODB_URI: 'localhost',
      CALLWEAVE_LOG_LEVEL: 'loud',
      CALLWEAVE_METRICS_ADDRESS: '9464',
      CALLWEAVE_WEBHOOK_ADDRESS: 'localhost',
      INVOCA_WEBHOOK_SECRET: 'sesame-77',
    });

    expect(error.problems).toEqual([
      'CALLWEAVE_LOG_LEVEL must be one of trace, debug, info, warn, error, fatal (it is "loud")',
      'MONGODB_URI must be a MongoDB connection string: mongodb://host:port/… or mongodb+srv://host/…, special characters in user and ' +
        'password percent-encoded',
      'INVOCA_BASE_URL must be a URL such as https://<vanity>.invoca.net: plain http is allowed only for this machine ' +
        '(localhost, 127.0.0.1, [::1]), use https (it is "http://acme.invoca.net")',
      'INVOCA_SCOPE must be one of networks, advertisers, affiliates (it is "network")',
      'INVOCA_ID is missing: The id of the network, advertiser or affiliate.',
      'INVOCA_TOKEN is missing (or set INVOCA_TOKEN_FILE to the path of a file): The API token.',
      'INVOCA_ACCOUNT must be 1 to 40 of the characters a-z, 0-9 and - (it is "Acme East")',
      'INVOCA_PAGE_LIMIT must be a whole number from 1 to 4000 (it is "5000")',
      'INVOCA_TIME_ZONE must be an IANA time zone, such as America/Los_Angeles; an offset or an abbreviation does not ' +
        'say when clocks change (it is "Pacific")',
      'INVOCA_START_DATE must be a day that exists, as YYYY-MM-DD (it is "2023-02-29")',
      'INVOCA_POLL_INTERVAL must be a duration of at least 5m, such as 5m or 12h (units: s, m, h, d) (it is "1m")',
      'INVOCA_WEBHOOK_SECRET must have at least 16 characters, such as the output of `openssl rand -hex 24`',
      'INVOCA_TRANSCRIPT_DELAYS must be durations, each longer than the one before, such as 2m,5m,1h ' +
        '(units: s, m, h, d) (it is "5m,2m")',
      'CALLWEAVE_METRICS_ADDRESS must be host:port, such as 127.0.0.1:9464, or off (it is "9464")',
      'CALLWEAVE_WEBHOOK_ADDRESS must be host:port, such as 127.0.0.1:9464, or off (it is "localhost")',
    ]);
    expect(error.message).toContain('15 settings are wrong or missing:\n  - CALLWEAVE_LOG_LEVEL');
  });

  it('includes the build of a worker and the receiver of its metrics, if these are set', () => {
    const env = {
      ...INVOCA,
      TEMPORAL_DEPLOYMENT_NAME: 'calls',
      TEMPORAL_WORKER_BUILD_ID: 'v2',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317',
    };
    const settings = loadSettings({ env, needs: EVERYTHING });

    expect(settings.deployment).toEqual({ deploymentName: 'calls', buildId: 'v2' });
    expect(settings.otlp?.url).toBe('http://collector:4317');
    expect(
      errorFor({ ...env, TEMPORAL_WORKER_BUILD_ID: '', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }).problems,
    ).toEqual([
      'OTEL_EXPORTER_OTLP_PROTOCOL must be one of grpc, http/protobuf (it is "http/json")',
      'TEMPORAL_WORKER_BUILD_ID is missing: Worker Versioning needs it together with TEMPORAL_DEPLOYMENT_NAME; set both or neither',
    ]);
  });

  it('never shows a secret', () => {
    const error = errorFor({
      INVOCA_BASE_URL: 'https://user:sesame-1@acme.invoca.net',
      INVOCA_TOKEN: 'Bearer sesame-2',
      CREDIRA_API_KEY: 'sesame 3',
      MONGODB_URI: 'mysql://root:sesame-4@db',
    });

    expect(error.problems).toHaveLength(5);
    expect(error.message).not.toContain('sesame');
  });

  it('checks only what is needed', () => {
    const env = { MONGODB_URI: 'nonsense', INVOCA_PAGE_LIMIT: '0', CALLWEAVE_HEALTH_ADDRESS: 'x' };

    expect(loadSettings({ env, needs: [] })).toMatchObject({ logLevel: 'info' });
    expect(errorFor(env, ['mongodb']).problems).toHaveLength(1);
    expect(errorFor(env, ['worker']).problems).toHaveLength(1);
  });

  it('reports a missing account only if one is needed', () => {
    expect(accountsFor({})).toEqual([]);
    expect(errorFor({}, ['some-account']).problems).toEqual([
      'no account is set: set INVOCA_BASE_URL, INVOCA_ID and INVOCA_TOKEN, or CREDIRA_API_KEY, or CALLWEAVE_CONFIG; ' +
        'or run `callweave dev` first, which has sample accounts then',
    ]);
  });

  it('uses the fallback accounts only if no account is set', () => {
    const sample = sampleAccount({ baseUrl: 'http://127.0.0.1:1', token: 't', networkId: '1' });
    const needs = ['some-account'] as const;

    expect(loadSettings({ env: {}, needs, fallbackAccounts: [sample] }).accounts).toEqual([sample]);
    expect(loadSettings({ env: INVOCA, needs, fallbackAccounts: [sample] }).accounts).toMatchObject([{ id: '1234' }]);
    expect(() => loadSettings({ env: { INVOCA_ID: '1' }, needs, fallbackAccounts: [sample] })).toThrow(SettingsError);
  });

  it('falls back to the sample accounts of both sources', () => {
    const invoca = sampleAccount({ baseUrl: 'http://127.0.0.1:1', token: 't', networkId: '1' });
    const credira = sampleCrediraAccount({ baseUrl: 'http://127.0.0.1:2/v1', apiKey: 'k' });

    expect(
      loadSettings({ env: {}, needs: ['some-account'], fallbackAccounts: [invoca, credira] }).accounts,
    ).toMatchObject([
      { name: 'sample', source: 'invoca' },
      { name: 'sample-credira', source: 'credira' },
    ]);
  });

  it('treats blank settings as unset', () => {
    expect(accountsFor({ ...INVOCA, INVOCA_PAGE_LIMIT: ' ', CREDIRA_API_KEY: '' })).toMatchObject([
      { pageLimit: 4_000 },
    ]);
  });

  it('treats every blank setting as unset, also in a config file', () => {
    const names = [invocaSettings, crediraSettings, mongodbSettings, workerSettings, logSettings].flatMap(namesOf);
    const blank = Object.fromEntries([...names, 'CALLWEAVE_CONFIG'].map((name) => [name, ' \n']));
    const inFile = namesOf(invocaSettings).filter((name) => !(name in INVOCA));
    const entry = { baseUrl: 'https://acme.invoca.net', id: '1234', token: 'sesame-77', source: '' };
    const yaml = { accounts: [{ ...Object.fromEntries(inFile.map((name) => [configFileKey(name), ' '])), ...entry }] };
    const needs = ['mongodb', 'accounts', 'worker'] as const;

    expect(loadSettings({ env: { ...blank, ...INVOCA }, needs })).toEqual(loadSettings({ env: INVOCA, needs }));
    expect(accountsFor({ CALLWEAVE_CONFIG: file('blank.yaml', JSON.stringify(yaml)) })).toEqual(accountsFor(INVOCA));
  });

  it('sees no account in settings that have their default', () => {
    const written = Object.entries(crediraSettings).map(([name, setting]) => [name, setting.default ?? ''] as const);

    expect(accountsFor({ ...INVOCA, ...Object.fromEntries(written) })).toEqual(accountsFor(INVOCA));
    expect(errorFor({ ...INVOCA, CREDIRA_POLL_INTERVAL: '20m' }).problems).toEqual([
      expect.stringContaining('CREDIRA_API_KEY is missing'),
    ]);
  });

  it.each([
    [{}, 'callweave', 0],
    [{ MONGODB_URI: 'mongodb://h' }, 'callweave', 0],
    [{ MONGODB_URI: 'mongodb://h/' }, 'callweave', 0],
    [{ MONGODB_URI: 'mongodb://h/?authSource=users' }, 'callweave', 0],
    [{ MONGODB_URI: 'mongodb://h/calls' }, 'calls', 0],
    [{ MONGODB_URI: 'mongodb://u:p@a,b:2/calls?replicaSet=r' }, 'calls', 0],
    [{ MONGODB_URI: 'mongodb+srv://u:p@h.example/my%2Dcalls?w=1' }, 'my-calls', 0],
    [{ MONGODB_URI: 'mongodb://h/anr%C3%BCfe', MONGODB_DATABASE: ' ' }, 'anrüfe', 0],
    [{ MONGODB_URI: 'mongodb://h/calls', MONGODB_DATABASE: 'calls' }, 'calls', 0],
    [{ MONGODB_URI: 'mongodb://h/calls', MONGODB_DATABASE: 'other' }, 'other', 1],
    [{ MONGODB_URI: 'mongodb://h/admin', MONGODB_DATABASE: 'calls' }, 'calls', 0],
    [{ MONGODB_URI: 'mongodb://h/admin' }, 'callweave', 1],
  ])('stores the calls, with %j, in the database %s', (env, database, warnings) => {
    const settings = loadSettings({ env, needs: ['mongodb'] });

    expect(settings.mongodb.database).toBe(database);
    expect(settings.warnings).toHaveLength(warnings);
    expect(settings.warnings.every((warning) => warning.startsWith('MONGODB_URI names the '))).toBe(true);
  });

  it.each(['a.b', 'a%20b', 'a/b', 'a%2Fb', 'x'.repeat(64)])(
    'refuses the database %s of a URI with its setting',
    (name) => {
      const [problem, ...others] = errorFor({ MONGODB_URI: `mongodb://h/${name}` }, ['mongodb']).problems;

      expect(problem).toMatch(/^the database in MONGODB_URI must be a MongoDB database name/);
      expect(others).toEqual([]);
    },
  );

  it('refuses a start after an id together with a start at a day', () => {
    const start = { INVOCA_START_AFTER: 'B00D77E1-0294AC3F', INVOCA_START_DATE: '2026-01-01' };

    expect(errorFor({ ...INVOCA, ...start, INVOCA_TIME_ZONE: 'UTC' }).problems).toEqual([
      'INVOCA_START_AFTER and INVOCA_START_DATE are both set: set only one',
    ]);
  });

  it('requires a time zone for a start day', () => {
    expect(errorFor({ ...INVOCA, INVOCA_START_DATE: '2026-01-01' }).problems).toEqual([
      'INVOCA_TIME_ZONE is missing: INVOCA_START_DATE needs it to know when that day begins',
    ]);
    expect(
      accountsFor({ ...INVOCA, INVOCA_START_DATE: '2026-01-01', INVOCA_TIME_ZONE: 'America/Los_Angeles' }),
    ).toMatchObject([{ startDate: '2026-01-01' }]);
  });

  it('leaves out looks at or after the deadline', () => {
    expect(accountsFor({ ...INVOCA, INVOCA_TRANSCRIPT_DEADLINE: '1h' })).toMatchObject([
      { transcripts: { delaysMs: [120_000, 300_000, 900_000], deadlineMs: 3_600_000 } },
    ]);
  });
});

describe('secrets in files', () => {
  it('are read without the line break at the end', () => {
    const { INVOCA_TOKEN: _, ...rest } = INVOCA;

    expect(accountsFor({ ...rest, INVOCA_TOKEN_FILE: file('token', 'sesame-88\r\n') })).toMatchObject([
      { token: 'sesame-88' },
    ]);
    expect(accountsFor({ CREDIRA_API_KEY_FILE: join(folder, file('key', 'k\n')) })).toMatchObject([{ apiKey: 'k' }]);
  });

  it('are a clear problem if the file is missing or empty, or the secret is set too', () => {
    const { INVOCA_TOKEN: _, ...rest } = INVOCA;
    const missing = join(folder, 'nowhere');

    expect(errorFor({ ...rest, INVOCA_TOKEN_FILE: 'nowhere' }).problems).toEqual([
      `INVOCA_TOKEN_FILE must be the path of a readable file: ${missing} (ENOENT)`,
    ]);
    expect(errorFor({ ...rest, INVOCA_TOKEN_FILE: file('empty', '\n') }).problems).toEqual([
      'INVOCA_TOKEN_FILE names a file that is empty: empty',
    ]);
    expect(errorFor({ ...INVOCA, INVOCA_TOKEN_FILE: 'empty' }).problems).toEqual([
      'INVOCA_TOKEN and INVOCA_TOKEN_FILE are both set: set only one',
    ]);
  });
});

describe('unknown names', () => {
  it('are warnings with the nearest known name', () => {
    const env = { ...INVOCA, INVOCA_TOKN: 'x', CALLWEAVE_PORT: 'tcp://10.0.0.1:80', MONGODB_URL: 'x', HOME: '/' };

    expect(loadSettings({ env, needs: [] }).warnings).toEqual([
      'CALLWEAVE_PORT is not a setting and is ignored (the nearest is CALLWEAVE_CONFIG)',
      'INVOCA_TOKN is not a setting and is ignored (the nearest is INVOCA_TOKEN)',
      'MONGODB_URL is not a setting and is ignored (the nearest is MONGODB_URI)',
    ]);
  });

  it('are reported with the problems they may explain', () => {
    expect(errorFor({ INVOCA_BASE_URL: INVOCA.INVOCA_BASE_URL, INVOCA_TOKN: 'x' }).warnings).toEqual([
      'INVOCA_TOKN is not a setting and is ignored (the nearest is INVOCA_TOKEN)',
    ]);
  });
});

describe('CALLWEAVE_CONFIG', () => {
  function configured(yaml: string, env: Environment = {}): Environment {
    return { ...env, CALLWEAVE_CONFIG: file('callweave.yaml', yaml) };
  }

  it('adds its accounts to those of the environment', () => {
    file('east-token', 'east-sesame\n');
    file('east-webhook-secret', 'east-sesame-of-webhooks\n');
    const env = configured(
      `
accounts:
  - name: east
    baseUrl: https://east.invoca.net
    id: 0012
    tokenFile: east-token
    webhookSecretFile: east-webhook-secret
    pageLimit: 250
    excludeColumns: [calling_phone_number, city]
    transcripts: off
  - source: credira
    name: collections
    apiKey: \${COLLECTIONS_KEY}
`,
      { ...INVOCA, COLLECTIONS_KEY: 'k-1' },
    );

    expect(loadSettings({ env, cwd: folder, needs: ['accounts'] })).toMatchObject({
      accounts: [
        { name: 'invoca', token: 'sesame-77' },
        {
          name: 'east',
          source: 'invoca',
          id: '0012',
          token: 'east-sesame',
          webhookSecret: 'east-sesame-of-webhooks',
          pageLimit: 250,
          excludeColumns: ['calling_phone_number', 'city'],
          transcripts: { enabled: false },
        },
        { name: 'collections', source: 'credira', apiKey: 'k-1' },
      ],
      warnings: [],
    });
  });

  it('sees no account of the environment in a token that it refers to', () => {
    const yaml = 'accounts:\n  - {name: east, baseUrl: "https://e.invoca.net", id: 1, token: "${INVOCA_TOKEN}"}';

    expect(accountsFor(configured(yaml, { INVOCA_TOKEN: 'sesame-77' }))).toMatchObject([
      { name: 'east', token: 'sesame-77' },
    ]);
    expect(
      loadSettings({
        env: configured(yaml.replace('INVOCA_TOKEN', 'INVOCA_TOKEN_EAST'), { INVOCA_TOKEN_EAST: 's' }),
        cwd: folder,
        needs: ['mongodb'],
      }).warnings,
    ).toEqual([]);
  });

  it('requires a time zone for a start day, and names both by their keys', () => {
    const east =
      '{name: east, baseUrl: "https://x.invoca.net", id: "1", token: "${INVOCA_TOKEN}", startDate: 2026-01-01}';

    expect(errorFor(configured(`accounts: [${east}]`, { INVOCA_TOKEN: 's' })).problems).toEqual([
      'callweave.yaml: accounts[0].timeZone is missing: callweave.yaml: accounts[0].startDate needs it to know when ' +
        'that day begins',
    ]);
  });

  it('reports every problem with its place', () => {
    const env = configured(`
acounts: []
accounts:
  - {name: east, baseURL: x, id: 1, token: "\${NOWHERE}", pageLimit: 0}
  - {source: twilio}
  - {source: credira, token: x}
`);

    expect(errorFor(env).problems).toEqual([
      'callweave.yaml: acounts is not a setting (the nearest is accounts)',
      'callweave.yaml: accounts[0].baseURL is not a setting (the nearest is baseUrl)',
      'callweave.yaml: accounts[1].source must be one of invoca, credira',
      'callweave.yaml: accounts[2].token is not a setting (the nearest is name)',
      'callweave.yaml: accounts[0].baseUrl is missing: The base URL of the API, `https://<vanity>.invoca.net`. Plain ' +
        'http is allowed only for a server on this machine.',
      'callweave.yaml: accounts[0].token refers to ${NOWHERE}, which is not set',
      'callweave.yaml: accounts[0].pageLimit must be a whole number from 1 to 4000 (it is "0")',
      'callweave.yaml: accounts[2].apiKey is missing (or set callweave.yaml: accounts[2].apiKeyFile to the path of a ' +
        'file): The API key.',
    ]);
  });

  it('refuses two accounts of one name', () => {
    const yaml = 'accounts:\n  - {name: invoca, source: credira, apiKey: "${KEY}"}';

    expect(errorFor(configured(yaml, { ...INVOCA, KEY: 'k' })).problems).toEqual([
      'two accounts are named "invoca": names must be unique (INVOCA_ACCOUNT, CREDIRA_ACCOUNT, accounts[].name)',
    ]);
  });

  it('warns of a secret in plain text', () => {
    const env = configured('accounts:\n  - {source: credira, apiKey: sesame-5}');

    expect(loadSettings({ env, cwd: folder, needs: ['accounts'] }).warnings).toEqual([
      'callweave.yaml: accounts[0].apiKey is a secret in plain text: write ${NAME} instead, or use apiKeyFile',
    ]);
  });

  it.each([
    ['accounts:\n  - name: a\n   token: sesame', /^callweave.yaml must be valid YAML: the fault is at line 3 /],
    ['accounts: yes', /^callweave.yaml: accounts must be a list of accounts$/],
    ['', /^callweave.yaml: must contain a list named accounts$/],
    ['accounts: [{id: {a: sesame}}]', /^callweave.yaml: accounts\[0\].id must be a text or a list of texts$/],
  ])('says what is wrong with %j without quoting it', (yaml, message) => {
    const { problems } = errorFor(configured(yaml), ['accounts']);

    expect(problems[0]).toMatch(message);
    expect(problems.join()).not.toContain('sesame');
  });

  it('may write the common settings of its accounts once', () => {
    const yaml = `
x-times: &times
  timeZone: UTC
  pollInterval: 10m
defaults: &defaults
  <<: *times
  baseUrl: https://acme.invoca.net
  token: \${TOKEN}
  pageLimit: 100
accounts:
  - {<<: *defaults, name: east, id: 0012}
  - &west
    <<: *defaults
    name: west
    id: 2
    pageLimit: 200
  - {<<: [{name: north, id: 3}, *west], pollInterval: 20m}
`;

    expect(accountsFor(configured(yaml, { TOKEN: 'sesame-9' }))).toMatchObject([
      { name: 'east', id: '0012', token: 'sesame-9', pageLimit: 100, timeZone: 'UTC', pollIntervalMs: 600_000 },
      { name: 'west', id: '2', token: 'sesame-9', pageLimit: 200, timeZone: 'UTC', pollIntervalMs: 600_000 },
      { name: 'north', id: '3', pageLimit: 200, timeZone: 'UTC', pollIntervalMs: 1_200_000 },
    ]);
  });

  it.each([
    ['a merge of a text', 'accounts: [{<<: sesame}]'],
    ['a merge of nothing', 'accounts: [{<<: *sesame}]'],
    ['an alias of nothing', 'accounts: [*sesame]'],
    ['a merge of itself', 'accounts: [&a {<<: *a, token: sesame}]'],
    ['a list of a list of a list …', laughs('[', ']')],
    ['merges of merges of merges …', laughs('{<<: [', ']}')],
  ])('refuses %s', (_, yaml) => {
    const { problems } = errorFor(configured(yaml), ['accounts']);

    expect(problems).toEqual([expect.stringMatching(/^callweave.yaml: (an alias must name an anchor|accounts)/)]);
    expect(problems.join()).not.toContain('sesame');
  });

  it.each<[string, (text: string) => string | Buffer]>([
    ['a byte order mark', (text) => `\ufeff${text}`],
    ['UTF-16', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['the line ends of Windows', (text) => text.replaceAll('\n', '\r\n')],
  ])('may have %s', (_, written) => {
    const yaml = 'accounts:\n  - source: credira\n    apiKey: "sesame-6"\n';

    expect(accountsFor({ CALLWEAVE_CONFIG: file('encoded.yaml', written(yaml)) })).toMatchObject([
      { apiKey: 'sesame-6' },
    ]);
  });

  it('must be a file', () => {
    expect(errorFor({ CALLWEAVE_CONFIG: '.' }, ['accounts']).problems).toEqual([
      `CALLWEAVE_CONFIG must be the path of a readable file: ${folder} (EISDIR: it is a folder)`,
    ]);
  });

  it('must exist', () => {
    expect(errorFor({ CALLWEAVE_CONFIG: 'gone.yaml' }, ['accounts']).problems).toEqual([
      `CALLWEAVE_CONFIG must be the path of a readable file: ${join(folder, 'gone.yaml')} (ENOENT)`,
    ]);
  });
});

/** Returns YAML whose lines each repeat the one above nine times: resolved, it is larger than any memory. */
function laughs(open: string, close: string): string {
  const lines = Array.from('bcdefghijkl').map((name, index) => {
    const above = 'abcdefghijk'.charAt(index);
    return `${name}: &${name} ${open}${Array<string>(9).fill(`*${above}`).join(', ')}${close}`;
  });
  return ['a: &a {sesame: 1}', ...lines, 'accounts: [*l]'].join('\n');
}
