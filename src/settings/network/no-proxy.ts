import { BlockList, isIP, isIPv4 } from 'node:net';

/** A host and port that a connection is made to. */
export interface Target {
  /** Name or address, an IPv6 address with or without brackets. */
  readonly host: string;
  readonly port: number;
}

type Rule = (target: Target) => boolean;

/** Reads an entry to a rule, true for the targets that need no proxy. Undefined for an entry of another form. */
function readEntry(entry: string): Rule | undefined {
  if (entry === '*') return () => true;
  const { name, port } = splitPort(entry);
  const isHost = readHost(name);
  if (isHost === undefined || port === undefined) return undefined;
  return ({ host, port: asked }) => (port === null || port === asked) && isHost(host);
}

function readHost(name: string): ((host: string) => boolean) | undefined {
  const [address = '', length, ...rest] = bare(name).split('/');
  const family = isIP(address);
  if (family !== 0 && rest.length === 0) return readNetwork(address, length);
  const labels = /^(?:\*?\.)?(?<suffix>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?$/i.exec(name)?.groups?.['suffix'];
  if (labels === undefined) return undefined;
  const suffix = labels.toLowerCase();
  return (host) => host === suffix || host.endsWith(`.${suffix}`);
}

function readNetwork(address: string, length: string | undefined): ((host: string) => boolean) | undefined {
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const most = family === 'ipv4' ? 32 : 128;
  if (length !== undefined && !(/^\d{1,3}$/.test(length) && Number(length) <= most)) return undefined;
  const network = new BlockList();
  network.addSubnet(address, length === undefined ? most : Number(length), family);
  return (host) => isIP(host) !== 0 && network.check(host, isIPv4(host) ? 'ipv4' : 'ipv6');
}

/** Separates a port from its host: null if there is none, undefined if it is not a port. */
function splitPort(entry: string): { name: string; port: number | null | undefined } {
  const { name, digits } = /^(?<name>\[[^\]]*\]|[^:]+):(?<digits>\d+)$/.exec(entry)?.groups ?? {};
  if (name === undefined) return { name: entry, port: null };
  const port = Number(digits);
  return { name, port: port >= 1 && port <= 65_535 ? port : undefined };
}

/** Returns a host as rules compare it: in lower case, without brackets and without the dot at its end. */
function bare(host: string): string {
  return host
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
}

export interface NoProxy {
  /** True for a target that needs no proxy. */
  readonly covers: (target: Target) => boolean;
  /** Entries of another form, which cover nothing. */
  readonly unknown: readonly string[];
}

/**
 * Reads `NO_PROXY`: entries `host` (with its subdomains), `.suffix`, `*.suffix`, address or `address/length`, each with
 * or without `:port`, or `*`. Commas or white space separate them.
 */
export function readNoProxy(text: string): NoProxy {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
  const rules = entries.map(readEntry);
  return {
    covers: ({ host, port }) => rules.some((rule) => rule?.({ host: bare(host), port })),
    unknown: entries.filter((_, index) => rules[index] === undefined),
  };
}
