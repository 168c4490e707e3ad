import type { MongoClient } from 'mongodb';
import { StoreError } from '../errors.js';

/** Names of the replica sets of the servers that have answered, by `host:port`; null for a server that is in none. */
export type SetNames = ReadonlyMap<string, string | null>;

/** The servers answer, but belong to another replica set than the one that the connection string names. */
export class OtherReplicaSetError extends StoreError {
  /** The attempt and its result, without the advice. */
  readonly finding: string;
  readonly advice: string;

  constructor({ doing, wanted, found }: { doing: string; wanted: string; found: SetNames }) {
    const finding = `MongoDB: ${doing} failed: ${findingOf({ wanted, found })}`;
    const advice = adviceFor({ wanted, found });
    super(`${finding}. ${advice}.`, { retryable: true });
    this.finding = finding;
    this.advice = advice;
  }
}

/**
 * Watches which replica sets the servers belong to. Call the result after connecting has failed: it returns the error
 * if each server that has answered belongs to another set than the connection string names, else null.
 */
export function watchReplicaSets(client: MongoClient): (doing: string) => OtherReplicaSetError | null {
  const found = new Map<string, string | null>();
  // The driver drops such a server from what it knows, so that its own error does not name it.
  client.on('serverHeartbeatSucceeded', ({ connectionId, reply }) => {
    const setName: unknown = reply['setName'];
    // One that waits for rs.initiate() has no name yet, and by a direct connection the driver uses a server alone too.
    const isInNone = reply['isreplicaset'] !== true && !client.options.directConnection;
    if (typeof setName === 'string') found.set(connectionId, setName);
    else if (isInNone) found.set(connectionId, null);
  });
  return (doing) => {
    // Read here, because the name may come from the record of an SRV address.
    const { replicaSet: wanted } = client.options;
    if (!wanted || found.size === 0 || [...found.values()].includes(wanted)) return null;
    return new OtherReplicaSetError({ doing, wanted, found });
  };
}

function findingOf({ wanted, found }: { wanted: string; found: SetNames }): string {
  const owners = [...found].map(([address, name]) => `${address} belongs to ${name ?? 'none'}`);
  return `the connection string names the replica set ${wanted}, but ${owners.join(', and ')}`;
}

function adviceFor({ wanted, found }: { wanted: string; found: SetNames }): string {
  const [name = null, ...others] = new Set(found.values());
  const elsewhere = `or name the servers of ${wanted} there`;
  if (others.length > 0) return `Correct replicaSet in MONGODB_URI, ${elsewhere}`;
  if (name === null) return `Leave replicaSet out of MONGODB_URI, ${elsewhere}`;
  return `Write replicaSet=${encodeURIComponent(name)} in MONGODB_URI, ${elsewhere}`;
}
