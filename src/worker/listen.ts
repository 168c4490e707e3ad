import { once } from 'node:events';
import type { Server } from 'node:net';

/** The address of a service, and the setting it is read from. */
export interface Place {
  /** The service as the error names it: "the health checks". */
  readonly what: string;
  /** `host:port`; an IPv6 host is in brackets. */
  readonly address: string;
  readonly setting: string;
}

/** Makes the server listen. @throws an error with the address, the reason and the setting to change */
export async function listen(server: Server, place: Place): Promise<void> {
  const { address } = place;
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  server.listen({ host, port: Number(address.slice(colon + 1)) });
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw cannotServe(place, cause);
  }
}

export function cannotServe({ what, address, setting }: Place, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(`Cannot serve ${what} at ${address}: ${reason}. Set ${setting} to another host:port, or to off.`, {
    cause,
  });
}
