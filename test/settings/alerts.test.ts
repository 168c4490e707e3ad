import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AlertSettings } from '../../src/settings/alerts.js';
import { SettingsError } from '../../src/settings/errors.js';
import type { Environment } from '../../src/settings/read-group.js';
import { loadSettings } from '../../src/settings/settings.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const URL_TEXT = 'https://hooks.example.com/services/T0/B0/xyz?thread=1';
const YAML = { CALLWEAVE_CONFIG: 'callweave.yaml' };

function load(env: Environment, cwd = '/nowhere') {
  return loadSettings({ env, cwd, needs: ['alerts'] });
}

function alerts(env: Environment, cwd?: string): AlertSettings | null {
  return load(env, cwd).alerts;
}

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const cwd = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return cwd;
}

function problems(env: Environment, cwd: string): readonly string[] {
  try {
    load(env, cwd);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

describe('the settings of alerts', () => {
  it('tell nobody without a URL', () => {
    expect(alerts({})).toBeNull();
    expect(alerts({ CALLWEAVE_ALERT_FORMAT: 'slack' })).toBeNull();
    const lonely = load({ CALLWEAVE_ALERT_HEARTBEAT_URL: URL_TEXT });
    expect(lonely.alerts).toBeNull();
    expect(lonely.warnings).toEqual(['CALLWEAVE_ALERT_HEARTBEAT_URL has no effect without CALLWEAVE_ALERT_URL']);
  });

  it('name a heartbeat without a URL by its key if the file has it', async () => {
    const cwd = await folderWith({ 'callweave.yaml': 'alertHeartbeatUrl: ${BEAT}\naccounts: []\n' });

    expect(load({ ...YAML, BEAT: URL_TEXT }, cwd).warnings).toEqual([
      'callweave.yaml: alertHeartbeatUrl has no effect without CALLWEAVE_ALERT_URL',
    ]);
  });

  it('have a proxy for each URL that is not of this machine', () => {
    const settings = alerts({
      CALLWEAVE_ALERT_URL: URL_TEXT,
      CALLWEAVE_ALERT_FORMAT: 'slack',
      CALLWEAVE_ALERT_HEARTBEAT_URL: 'http://127.0.0.1:8080/beat',
      HTTPS_PROXY: 'http://proxy.example:3128',
    });
    expect(settings).toEqual({
      url: new URL(URL_TEXT),
      format: 'slack',
      proxy: new URL('http://proxy.example:3128'),
      heartbeat: { url: new URL('http://127.0.0.1:8080/beat'), proxy: null },
    });
    expect(alerts({ CALLWEAVE_ALERT_URL: 'http://localhost:8080/' })).toMatchObject({
      format: 'json',
      heartbeat: null,
    });
  });

  it('may be in callweave.yaml, where the environment has none, with paths relative to that file', async () => {
    const cwd = await folderWith({
      url: `${URL_TEXT}\n`,
      'callweave.yaml': 'accounts: []\nalertUrlFile: url\nalertFormat: slack\nalertHeartbeatUrl: ${BEAT}\n',
    });
    const beat = { BEAT: 'https://beats.example.com/1' };

    expect(alerts({ ...YAML, ...beat }, cwd)).toMatchObject({
      url: new URL(URL_TEXT),
      format: 'slack',
      heartbeat: { url: new URL('https://beats.example.com/1') },
    });
    expect(alerts({ ...YAML, ...beat, CALLWEAVE_ALERT_FORMAT: 'json' }, cwd)).toMatchObject({ format: 'json' });
    expect(load({ ...YAML, ...beat }, cwd).warnings).toEqual([]);
    expect(problems(YAML, cwd)).toEqual(['callweave.yaml: alertHeartbeatUrl refers to ${BEAT}, which is not set']);
  });

  it('in callweave.yaml are checked with their place, and warned of in plain text', async () => {
    const cwd = await folderWith({ 'callweave.yaml': `accounts: []\nalertUrl: ${URL_TEXT}\nalertFormat: xml\n` });
    expect(problems(YAML, cwd)).toEqual(['callweave.yaml: alertFormat must be one of json, slack (it is "xml")']);
    const plain = await folderWith({ 'callweave.yaml': `accounts: []\nalertUrl: ${URL_TEXT}\n` });
    expect(load(YAML, plain).warnings).toEqual([
      'callweave.yaml: alertUrl is a secret in plain text: write ${NAME} instead, or use alertUrlFile',
    ]);
    const list = await folderWith({ 'callweave.yaml': `accounts: []\nalertUrl:\n  - ${URL_TEXT}\nalertsUrl: x\n` });
    expect(problems(YAML, list)).toEqual(['callweave.yaml: alertUrl must be a text']);
  });
});
