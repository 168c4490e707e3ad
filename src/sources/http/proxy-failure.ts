import { networkTrouble, type NetworkTrouble } from './network-trouble.js';

/** A connection that failed at the proxy. It names the proxy by host and port only. */
export class ProxyFailure extends Error {
  override name = 'ProxyFailure';
  readonly code: string;
  readonly trouble: NetworkTrouble;

  constructor(code: string, trouble: NetworkTrouble) {
    super(trouble.words);
    this.code = code;
    this.trouble = trouble;
  }
}

interface Attempt {
  readonly proxy: URL;
  /** `host:port` that the proxy was asked to connect to. */
  readonly target: string;
}

/** Explains the status, other than 200, with which a proxy answered CONNECT. */
export function proxyRefusal({ proxy, target, status }: Attempt & { readonly status: number }): ProxyFailure {
  const name = nameOf(proxy);
  if (status === 407) {
    return new ProxyFailure(`${status}`, {
      words: `${name} demands another user or password`,
      advice:
        'Set both in HTTPS_PROXY, http://user:password@host:port, with special characters percent-encoded. ' +
        'Only basic authentication is supported.',
    });
  }
  if (status >= 400 && status < 500) {
    return new ProxyFailure(`${status}`, {
      words: `${name} does not allow a connection to ${target}`,
      advice: 'Have its operator allow it. If the host is reached without the proxy, add it to NO_PROXY.',
    });
  }
  if (status >= 500) {
    return new ProxyFailure(`${status}`, {
      words: `${name} could not connect to ${target}`,
      advice: 'Check the host name in the base URL, and whether the proxy reaches that host.',
    });
  }
  return notAProxy(proxy);
}

/** Explains why a proxy could not be asked, or did not answer. */
export function proxyTrouble({ proxy, target, error }: Attempt & { readonly error: unknown }): ProxyFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : null;
  if (code === null) return notAProxy(proxy);
  if (code === 'ABORT_ERR') {
    return new ProxyFailure('ETIMEDOUT', {
      words: `${nameOf(proxy)} did not connect to ${target} in time`,
      advice: 'Check HTTPS_PROXY, and whether the proxy reaches that host.',
    });
  }
  const { words, advice } = networkTrouble(code, proxy, 'HTTPS_PROXY');
  return new ProxyFailure(code, { words: `no connection to ${nameOf(proxy)}: ${words}`, advice });
}

function notAProxy(proxy: URL): ProxyFailure {
  return new ProxyFailure('no answer to CONNECT', {
    words: `${nameOf(proxy)} gave no answer of an HTTP proxy`,
    advice: 'Check the host and port in HTTPS_PROXY.',
  });
}

function nameOf({ host }: URL): string {
  return `the proxy ${host} (HTTPS_PROXY)`;
}
