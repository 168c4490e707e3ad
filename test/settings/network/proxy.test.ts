import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { Environment } from '../../../src/settings/read-group.js';
import { SettingsError } from '../../../src/settings/errors.js';
import { proxyForUrl, readNetwork } from '../../../src/settings/network/proxy.js';
import { loadSettings } from '../../../src/settings/settings.js';
import { readTemporal } from '../../../src/settings/temporal.js';
import { withoutSecrets } from '../../../src/process/secrets.js';
import { ownCa } from '../../support/certificates.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const HTTPS_PROXY = 'http://proxy.example:3128';

/** Returns the proxy for a URL, as text. */
function proxyOf(url: string, env: Environment): string | null {
  return proxyForUrl(readNetwork({ env }), new URL(url))?.href ?? null;
}

function problemsOf(env: Environment): readonly string[] {
  try {
    loadSettings({ env, needs: ['worker', 'temporal'] });
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

describe('HTTPS_PROXY', () => {
  it('is read in either case, the lower one first, unless it is blank', () => {
    const url = 'https://api.example/';
    const [upper, lower] = ['http://upper.example:1/', 'http://lower.example:1/'];

    expect(proxyOf(url, {})).toBeNull();
    expect(proxyOf(url, { HTTPS_PROXY: upper })).toBe(upper);
    expect(proxyOf(url, { https_proxy: lower })).toBe(lower);
    expect(proxyOf(url, { HTTPS_PROXY: upper, https_proxy: lower })).toBe(lower);
    expect(proxyOf(url, { HTTPS_PROXY: upper, https_proxy: ' ' })).toBe(upper);
    expect(proxyOf(url, { HTTP_PROXY: upper, http_proxy: upper, ALL_PROXY: upper, all_proxy: upper })).toBeNull();
  });

  it.each(['localhost:8443', '127.0.0.1', '127.9.9.9', '[::1]'])('is never used for %s', (host) => {
    expect(proxyOf(`https://${host}/`, { HTTPS_PROXY })).toBeNull();
  });

  it.each([
    ...['socks5://me:pass-4711@proxy:1080', 'proxy:3128', 'ftp://proxy', 'http://', 'http://me:pass-4711@proxy:99999'],
    ...['http://proxy:0', 'http://me:pass-4711%zz@proxy', 'http://proxy/path', 'http://proxy?x=1', 'http://a b:1'],
  ])('is refused with its name and what is allowed: %s', (value) => {
    for (const name of ['HTTPS_PROXY', 'https_proxy']) {
      const problems = problemsOf({ [name]: value });

      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(new RegExp(`^${name} must be the URL of an HTTP proxy, http://host:port or `));
      expect(problems[0]).not.toContain('4711');
    }
  });

  it('has a secret that is redacted after the settings are read', () => {
    problemsOf({ https_proxy: 'http://me:pass%40word-4711@proxy:1' });

    for (const text of ['pass%40word-4711', 'pass@word-4711', btoa('me:pass@word-4711').replace(/=+$/, '')]) {
      expect(withoutSecrets(text)).toBe('[redacted]');
    }
  });

  it('is part of the accounts and of the connection to Temporal', () => {
    const env = {
      HTTPS_PROXY,
      NO_PROXY: 'temporal.internal',
      INVOCA_BASE_URL: 'https://acme.invoca.net',
      INVOCA_ID: '1',
      INVOCA_TOKEN: 'a-token',
      CREDIRA_API_KEY: 'a-key',
      CREDIRA_BASE_URL: 'http://127.0.0.1:8080',
    };

    const { accounts } = loadSettings({ env, needs: ['accounts'] });

    expect(accounts.map(({ proxy }) => proxy?.href ?? null)).toEqual([`${HTTPS_PROXY}/`, null]);
    expect(readTemporal({ ...env, TEMPORAL_ADDRESS: 'temporal.example' }).config?.proxy?.href).toBe(`${HTTPS_PROXY}/`);
    expect(readTemporal({ ...env, TEMPORAL_ADDRESS: 'temporal.internal' }).config?.proxy).toBeNull();
    expect(readTemporal(env).config?.proxy).toBeNull();
  });

  it('that is reached by TLS is refused for Temporal only', () => {
    const env = { HTTPS_PROXY: 'https://proxy.example' };

    expect(proxyOf('https://api.example/', env)).toBe('https://proxy.example/');
    expect(problemsOf(env)).toEqual([]);
    expect(problemsOf({ ...env, TEMPORAL_ADDRESS: 'temporal.example:7233' })).toEqual([
      'HTTPS_PROXY must be an http:// URL for the connection to Temporal at temporal.example:7233: change it, or add ' +
        'temporal.example to NO_PROXY',
    ]);
    expect(problemsOf({ ...env, TEMPORAL_ADDRESS: 'temporal.example:7233', NO_PROXY: '.example' })).toEqual([]);
  });
});

describe('NO_PROXY', () => {
  it.each([
    ['example.com', ['example.com', 'EXAMPLE.com', 'api.example.com', 'example.com:8443'], ['notexample.com', 'com']],
    ['.example.com', ['a.example.com', 'a.b.example.com', 'example.com'], ['notexample.com', 'example.com.evil']],
    ['*.example.com', ['a.example.com'], ['notexample.com']],
    ['Example.COM.', ['example.com', 'example.com.'], ['example.org']],
    ['example.com:8443', ['example.com:8443', 'a.example.com:8443'], ['example.com', 'example.com:8444']],
    ['example.com:443', ['example.com'], ['example.com:8443']],
    ['10.1.2.3', ['10.1.2.3', '10.1.2.3:8443'], ['10.1.2.4', '110.1.2.3']],
    ['10.0.0.0/8', ['10.255.1.1'], ['11.0.0.1', 'example.com']],
    ['10.0.0.0/8:8443', ['10.1.1.1:8443'], ['10.1.1.1']],
    ['fd00::1', ['[fd00::1]', '[fd00:0::0:1]:8443'], ['[fd00::2]', '10.1.2.3']],
    ['[fd00::1]:8443', ['[fd00::1]:8443'], ['[fd00::1]']],
    ['fd00::/8', ['[fd12::5]'], ['[fe80::1]']],
    [' a.example , b.example c.example,,', ['a.example', 'b.example', 'c.example'], ['d.example']],
    ['*', ['example.com', '10.1.2.3', '[fd00::1]'], []],
    ['', [], ['example.com']],
  ])('%s covers %j, not %j', (list, covered, others) => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      const env = { HTTPS_PROXY, [name]: list };

      for (const host of covered) expect(proxyOf(`https://${host}/`, env), host).toBeNull();
      for (const host of others) expect(proxyOf(`https://${host}/`, env), host).not.toBeNull();
      expect(readNetwork({ env }).warnings).toEqual([]);
    }
  });

  it.each(['10.*', '<local>', 'http://example.com', '10.0.0.0/33', 'example.com:0', 'exa*mple.com', '.', 'fd00::/129'])(
    'warns of %s and ignores it',
    (entry) => {
      const env = { HTTPS_PROXY, NO_PROXY: `${entry},other.example` };

      expect(loadSettings({ env, needs: ['worker'] }).warnings).toEqual([
        expect.stringMatching(/^NO_PROXY: \S+ is ignored, because it is neither a host, /),
      ]);
      expect(proxyOf('https://example.com/', env)).not.toBeNull();
      expect(proxyOf('https://10.0.0.1/', env)).not.toBeNull();
      expect(proxyOf('https://other.example/', env)).toBeNull();
    },
  );
});

describe('NODE_EXTRA_CA_CERTS', () => {
  it('is added to the CAs that Node.js trusts, with a warning if Node.js was started without it', async () => {
    const path = join(await temporaryFolder(), 'ca.pem');
    writeFileSync(path, ownCa);

    const { trusted, problems, warnings } = readNetwork({ env: { NODE_EXTRA_CA_CERTS: path } });

    expect(trusted?.split('-----BEGIN CERTIFICATE-----')).toHaveLength(rootCertificates.length + 2);
    expect(trusted).toContain(ownCa);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('such as in .env')]);
    expect(readNetwork({ env: {} })).toMatchObject({ trusted: null, warnings: [] });
  });

  it.each(['', 'no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
    'is refused if it names a file that holds %j',
    async (contents) => {
      const path = join(await temporaryFolder(), 'ca.pem');
      writeFileSync(path, contents);

      expect(problemsOf({ NODE_EXTRA_CA_CERTS: path })).toEqual([
        `NODE_EXTRA_CA_CERTS must be the path of a file with CA certificates in PEM: ${path}`,
      ]);
      expect(problemsOf({ NODE_EXTRA_CA_CERTS: `${path}.not` })).toEqual([
        expect.stringMatching(/^NODE_EXTRA_CA_CERTS must be the path of a readable file: .* \(ENOENT/),
      ]);
    },
  );
});
