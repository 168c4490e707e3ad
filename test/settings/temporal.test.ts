import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Environment } from '../../src/settings/read-group.js';
import { withoutSecrets } from '../../src/process/secrets.js';
import { readTemporal } from '../../src/settings/temporal.js';
import { furtherTemporalSettings, temporalSettings } from '../../src/settings/temporal-table.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const NAMES = [
  ...Object.keys({ ...temporalSettings, ...furtherTemporalSettings }),
  ...['TEMPORAL_TLS_DISABLE_HOST_VERIFICATION', 'TEMPORAL_CODEC_ENDPOINT', 'TEMPORAL_GRPC_META_X_KEY'],
];

async function tomlFile(contents: string | Buffer): Promise<string> {
  const path = join(await temporaryFolder(), 'temporal.toml');
  writeFileSync(path, contents);
  return path;
}

function connectionOf(env: Environment): unknown {
  const { config, problems } = readTemporal(env);
  expect(problems).toEqual([]);
  return config;
}

const NOTHING = connectionOf({});

describe('readTemporal', () => {
  it.each(NAMES)('treats a blank %s as unset', (name) => {
    for (const blank of ['', ' ', '\t', '\r\n', '\u00a0']) expect(connectionOf({ [name]: blank })).toEqual(NOTHING);
  });

  it('treats blank settings as unset when all are blank, and in temporal.toml too', async () => {
    expect(connectionOf(Object.fromEntries(NAMES.map((name) => [name, ' '])))).toEqual(NOTHING);
    const toml = await tomlFile('[profile.default]\naddress = ""\nnamespace = " "\napi_key = ""\n');
    expect(connectionOf({ TEMPORAL_CONFIG_FILE: toml })).toEqual(NOTHING);
  });

  it('reads what is set, without the white space around it', () => {
    const env = {
      TEMPORAL_ADDRESS: ' cloud.example:7233\n',
      TEMPORAL_NAMESPACE: 'calls\r\n',
      TEMPORAL_API_KEY: 'api-key-4711\n',
      TEMPORAL_GRPC_META_X_KEY: 'meta-4711\n',
    };

    expect(connectionOf(env)).toMatchObject({
      namespace: 'calls',
      connectionOptions: {
        address: 'cloud.example:7233',
        apiKey: 'api-key-4711',
        tls: true,
        metadata: { 'x-key': 'meta-4711' },
      },
    });
  });

  it('needs no file for the default profile, and one for any other', () => {
    expect(connectionOf({ TEMPORAL_PROFILE: 'default' })).toEqual(NOTHING);
    expect(readTemporal({ TEMPORAL_PROFILE: 'staging' }).problems).toEqual([
      'TEMPORAL_PROFILE must be the name of a profile in temporal.toml (it is "staging")',
    ]);
  });

  it('reads temporal.toml in the encodings editors write', async () => {
    const toml = '[profile.default]\naddress = "h:1"\napi_key = "toml-key-4711\\n"\n';
    for (const contents of [toml, `\ufeff${toml}`, Buffer.from(`\ufeff${toml}`, 'utf16le')]) {
      expect(connectionOf({ TEMPORAL_CONFIG_FILE: await tomlFile(contents) })).toMatchObject({
        connectionOptions: { address: 'h:1', apiKey: 'toml-key-4711' },
      });
    }
    expect(withoutSecrets('toml-key-4711')).toBe('[redacted]');
  });

  it('says what is wrong with temporal.toml without quoting it', async () => {
    const broken = await tomlFile('[profile.default]\napi_key = "sesame-1\nnamespace = "x"\n');
    const odd = await tomlFile('[profile.default]\napi_key = "sesame\\n2"\n');

    expect(readTemporal({ TEMPORAL_CONFIG_FILE: broken }).problems).toEqual([
      'temporal.toml (TEMPORAL_CONFIG_FILE) must be a readable file of valid TOML: the fault is at line 2',
    ]);
    const problems = readTemporal({ TEMPORAL_CONFIG_FILE: odd }).problems.join();
    expect(problems).toMatch(/^TEMPORAL_API_KEY \(in temporal\.toml\) must be the bare secret/);
    expect(problems).not.toContain('sesame');
    expect(readTemporal({ TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' }).problems).toEqual([
      'TEMPORAL_CONFIG_FILE must be the path of a readable file: /nowhere/temporal.toml (ENOENT)',
    ]);
  });

  it.each([
    [{ TEMPORAL_ADDRESS: 'http://h:1' }, 'TEMPORAL_ADDRESS must be host:port, such as localhost:7233'],
    [{ TEMPORAL_ADDRESS: 'h:99999' }, 'TEMPORAL_ADDRESS must be host:port'],
    [{ TEMPORAL_ADDRESS: '"h:1"' }, 'the quotes are part of the value here: remove them'],
    [{ TEMPORAL_NAMESPACE: 'a b' }, 'TEMPORAL_NAMESPACE must be'],
    [{ TEMPORAL_TLS: 'yes' }, 'TEMPORAL_TLS must be one of true, false, 1, 0 (it is "yes")'],
    [{ TEMPORAL_TLS_CLIENT_KEY_PATH: '/nowhere' }, 'TEMPORAL_TLS_CLIENT_KEY_PATH must be the path of a readable file'],
    [{ TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/' }, 'TEMPORAL_TLS_SERVER_CA_CERT_PATH must be the path of a readable file'],
    [
      { TEMPORAL_TLS_CLIENT_KEY_PATH: '/a', TEMPORAL_TLS_CLIENT_KEY_DATA: '-----BEGIN X-----END ' },
      'both as a path and as text',
    ],
  ])('refuses %j with the name of the setting', (env, problem) => {
    expect(readTemporal(env).problems).toEqual([expect.stringContaining(problem)]);
  });
});
