import { connect } from 'node:net';
import getPort from 'get-port';

export const LOOPBACK = '127.0.0.1';

/** The preferred port when it is free on the loopback address, else any free one. */
export async function freePort(preferred: number): Promise<number> {
  return getPort({ port: preferred, host: LOOPBACK });
}

/** Whether something listens on that loopback port now. */
export async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOOPBACK, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
