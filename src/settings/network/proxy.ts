import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { resolve } from 'node:path';
import { z } from 'zod';
import { isLoopbackHost } from '../../process/loopback-host.js';
import { knowUrlSecrets } from '../../process/secrets.js';
import { readNoProxy, type Target } from './no-proxy.js';
import {
  environmentSource,
  nonBlank,
  readGroup,
  readSettingFile,
  SettingProblem,
  type Environment,
  type TextSource,
} from '../read-group.js';
import { filePath, textTo, type TextSchema } from '../schemas.js';
import { optional } from '../setting.js';

const PROXY_URL = 'http://host:port or http://user:password@host:port, special characters percent-encoded';

/** Reads the URL of an HTTP proxy. Its address may be by TLS (`https://`), which only requests by HTTP can use. */
const proxyUrl: TextSchema<URL> = textTo(
  `the URL of an HTTP proxy, ${PROXY_URL} (other kinds of proxy, such as SOCKS, are not supported)`,
  (text) => {
    if (!/^https?:\/\/[^\s\p{C}]+$/iu.test(text) || !URL.canParse(text)) return undefined;
    const url = new URL(text);
    const hasMore = url.pathname !== '/' || /[?#]/.test(text);
    return hasMore || url.port === '0' || !isDecodable(`${url.username}${url.password}`) ? undefined : url;
  },
);

/** True if the percent-encoding of a text is sound, and hides no control character. */
export function isDecodable(text: string): boolean {
  try {
    return !/[\p{C}]/u.test(decodeURIComponent(text));
  } catch {
    return false;
  }
}

/** Settings of the network between this machine and the servers. */
export const networkSettings = {
  HTTPS_PROXY: optional({
    schema: proxyUrl,
    isSecret: true,
    know: knowUrlSecrets,
    hasFile: false,
    defaultNote: 'no proxy',
    meaning:
      'The HTTP proxy for the connections to the APIs and to Temporal, `http://host:port` or ' +
      '`http://user:password@host:port`. This machine (localhost, 127.0.0.0/8, ::1) is never connected to through it. ' +
      'Or `https_proxy`, which wins.',
  }),
  NO_PROXY: optional({
    schema: z.string().transform(readNoProxy),
    meaning:
      'The hosts that are connected to without the proxy, separated by commas: `example.com` (with its subdomains), ' +
      '`.example.com`, `*.example.com`, `10.1.2.3`, `10.0.0.0/8`, `[fd00::1]`, each with or without `:port`, or `*` for ' +
      'all. Or `no_proxy`, which wins.',
  }),
  NODE_EXTRA_CA_CERTS: optional({
    schema: filePath,
    meaning:
      'The path of a PEM file with further CA certificates to trust, such as those of a proxy that decrypts TLS. Node.js ' +
      'reads it when it starts, so it has no effect in `.env`.',
  }),
};

/** Variable that this process was started with. One that `.env` adds later has no effect on Node.js. */
const extraCaAtStart = nonBlank(process.env['NODE_EXTRA_CA_CERTS']);

const TOO_LATE =
  'NODE_EXTRA_CA_CERTS is not in the environment that this process was started with, such as in .env: Node.js trusts ' +
  'these CAs only if it is';
const NO_PROXY_FORMS =
  'it is neither a host, a suffix such as .example.com, an address nor a network such as 10.0.0.0/8';

/** Connections to other machines, as the environment wants them. */
export interface Network {
  /** Returns the proxy for a connection, with user and password in its URL; null for a direct one. */
  readonly proxyFor: (target: Target) => URL | null;
  /** Certificates of all CAs to trust, as PEM; null if `NODE_EXTRA_CA_CERTS` is not set. */
  readonly trusted: string | null;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Reads the settings of the network. Those with a problem count as unset. */
export function readNetwork({ env, cwd = '.' }: { env: Environment; cwd?: string }): Network {
  const { sound, problems } = readGroup(networkSettings, inEitherCase(env, cwd));
  const { HTTPS_PROXY: proxy = null, NO_PROXY: direct = null, NODE_EXTRA_CA_CERTS: path = null } = sound;
  const extra = readExtra(path === null ? null : resolve(cwd, path));
  const isTooLate = path !== null && path !== extraCaAtStart;
  return {
    proxyFor: (target) =>
      proxy === null || isLoopbackHost(target.host) || direct?.covers(target) === true ? null : proxy,
    trusted: extra.pem === null ? null : [...rootCertificates, extra.pem].join('\n'),
    problems: [...problems, ...extra.problems],
    warnings: [
      ...(direct?.unknown ?? []).map((entry) => `NO_PROXY: ${entry} is ignored, because ${NO_PROXY_FORMS}`),
      ...(isTooLate ? [TOO_LATE] : []),
    ],
  };
}

/** Returns the proxy for requests to a URL. */
export function proxyForUrl({ proxyFor }: Network, { hostname, port, protocol }: URL): URL | null {
  return proxyFor({ host: hostname, port: Number(port || (protocol === 'http:' ? 80 : 443)) });
}

/** Reads proxy variables in lower case too, which win as they do for curl. Problems name the variable that is set. */
function inEitherCase(env: Environment, cwd: string): TextSource {
  const { textOf } = environmentSource({ env, cwd });
  const spelling = (name: string): string => {
    const lower = name.toLowerCase();
    return name.endsWith('_PROXY') && textOf(lower) !== undefined ? lower : name;
  };
  return { textOf: (name) => textOf(spelling(name)), label: spelling, folder: cwd };
}

function readExtra(path: string | null): { pem: string | null; problems: readonly string[] } {
  if (path === null) return { pem: null, problems: [] };
  try {
    const pems = readSettingFile(path, 'NODE_EXTRA_CA_CERTS').match(CERTIFICATES) ?? [];
    const isSound = pems.length > 0 && pems.every((pem) => new X509Certificate(pem).raw.length > 0);
    if (isSound) return { pem: pems.join('\n'), problems: [] };
  } catch (error) {
    if (error instanceof SettingProblem) return { pem: null, problems: [error.message] };
  }
  return {
    pem: null,
    problems: [`NODE_EXTRA_CA_CERTS must be the path of a file with CA certificates in PEM: ${path}`],
  };
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
