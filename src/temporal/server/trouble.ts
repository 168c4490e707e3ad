import { hostAndPort } from './network.js';
import { isTemporalCloud } from './search-attributes.js';

interface Route {
  /** The HTTP proxy of the connection; null for a direct one. */
  readonly proxy: URL | null;
  /** The failure, with its causes. */
  readonly error: unknown;
}

/** Returns " through the proxy host:port (HTTPS_PROXY)", or nothing for a direct connection. */
export function throughProxy(proxy: URL | null): string {
  return proxy === null ? '' : ` through the proxy ${hostAndPort(proxy)} (HTTPS_PROXY)`;
}

/** Returns what to check if Temporal cannot be reached, as sentences without the last full stop. */
export function reachAdvice({ proxy, error }: Route): string {
  const settings = 'Check TEMPORAL_ADDRESS (and TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS)';
  const rest =
    proxy === null
      ? ', and that the server runs and can be reached from this machine; `callweave dev` starts one'
      : ', and HTTPS_PROXY with its user and password; a host that needs no proxy belongs in NO_PROXY';
  const certificate = isUntrusted(error)
    ? '. A CA of your own must be in the file that TEMPORAL_TLS_SERVER_CA_CERT_PATH or NODE_EXTRA_CA_CERTS names'
    : '';
  return `${settings}${rest}${certificate}`;
}

/** Returns what to do if the server has no such namespace, as a clause. */
export function namespaceAdvice({ address, namespace }: { address: string; namespace: string }): string {
  const create = isTemporalCloud(address)
    ? 'it must be NAME.ACCOUNT, as the Cloud UI shows it'
    : `or create it with \`temporal operator namespace create --address ${address} --namespace ${namespace}\``;
  return `check TEMPORAL_NAMESPACE, ${create}`;
}

/** True if TLS failed at the server's certificate, by the words of Node.js, OpenSSL or Rust. */
function isUntrusted(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const details = 'details' in error ? String(error.details) : '';
  return /certificate|UnknownIssuer/i.test(`${error.message} ${details}`) || isUntrusted(error.cause);
}
