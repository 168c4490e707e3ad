import { ConnectionString } from 'mongodb-connection-string-url';

/** Returns the connection string with the name of a replica set that its servers do not belong to. */
export function withOtherReplicaSet(uri: string): string {
  const changed = new ConnectionString(uri);
  changed.searchParams.set('replicaSet', 'no-such-set');
  return changed.toString();
}

/** Returns the connection string as one that lets the driver discover the members of the set. */
export function discovering(uri: string): string {
  const changed = new ConnectionString(uri);
  changed.searchParams.delete('directConnection');
  return changed.toString();
}
