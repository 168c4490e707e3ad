import { once } from 'node:events';
import type { Server } from 'node:net';

/** What is to be served where, and the setting that says so. */
export interface Place {
  /** For the error: "the health checks". */
  readonly what: string;
  /** `host:port`; the address of an IPv6 host stands in brackets. */
  readonly address: string;
  readonly setting: string;
}

/** Has the server listen there; throws what is wrong with the address, and which setting has it. */
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
