import { connect, isIP, type Socket } from 'node:net';
import { connect as connectByTls } from 'node:tls';
import { MongoClient, type MongoOptions } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';

/** The server that accepts writes, for a proxy before it. */
export interface MongoPrimary {
  readonly connect: () => Socket;
  /** Returns the connection string of a proxy on a port of this machine: it speaks plainly, with the same login. */
  readonly uriBehind: (port: number) => string;
}

const known = new Map<string, Promise<MongoPrimary>>();

/** Finds the primary of a connection string, once in each process. */
export function mongoPrimary(uri: string): Promise<MongoPrimary> {
  const found = known.get(uri) ?? findPrimary(uri);
  known.set(uri, found);
  return found;
}

async function findPrimary(uri: string): Promise<MongoPrimary> {
  const client = new MongoClient(uri);
  try {
    // Resolves an SRV address and reads the files of certificates, which are then among the options.
    await client.connect();
    const { primary } = await client.db('admin').command({ hello: 1 });
    const { options } = client;
    const isNamed = typeof primary === 'string' && !options.directConnection;
    const { hostname, port } = new URL(`tcp://${isNamed ? primary : String(options.hosts[0])}`);
    const host = hostname.replace(/^\[|\]$/g, '');
    return {
      connect: () => connectTo({ host, port: Number(port), options }),
      uriBehind: (own) => uriBehind({ uri, own, options }),
    };
  } finally {
    await client.close();
  }
}

function connectTo({ host, port, options }: { host: string; port: number; options: MongoOptions }): Socket {
  if (!options.tls) return connect(port, host);
  const { ca, cert, key, passphrase, rejectUnauthorized, checkServerIdentity } = options;
  const given = { ca, cert, key, passphrase, rejectUnauthorized, checkServerIdentity };
  const certificates = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return connectByTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...certificates });
}

function uriBehind({ uri, own, options }: { uri: string; own: number; options: MongoOptions }): string {
  const { username, password } = new ConnectionString(uri);
  const login = username === '' ? '' : `${username}:${password}@`;
  const { source, mechanism } = options.credentials ?? {};
  const behind = new ConnectionString(`mongodb://${login}127.0.0.1:${own}/?directConnection=true`);
  if (login !== '' && source !== undefined) behind.searchParams.set('authSource', source);
  if (login !== '' && mechanism?.startsWith('SCRAM') === true) behind.searchParams.set('authMechanism', mechanism);
  return behind.toString();
}
