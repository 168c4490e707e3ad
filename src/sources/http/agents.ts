import { once } from 'node:events';
import { Agent as HttpAgent, type ClientRequest } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { ProxyFailure, proxyRefusal, proxyTrouble } from './proxy-failure.js';

/** The agents of a request by its protocol. */
interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/** Options of Node's own agents: an idle connection is kept for so long. */
const KEEP_ALIVE = { keepAlive: true, scheduling: 'lifo', timeout: 5_000 } as const;

/** Agents without a proxy. Node's own may use one of the environment (`NODE_USE_ENV_PROXY`), by rules of their own. */
const DIRECT: Agents = { http: new HttpAgent(KEEP_ALIVE), https: new HttpsAgent(KEEP_ALIVE) };

const tunnels = new Map<string, Agents>();

/** Limit for an answer of the proxy, and for the TLS handshake after it, unless the request has less time. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Option of a request through a proxy, which Node.js hands on to its agent. */
export interface TunnelTime {
  /** Time for an answer of the proxy, and as much again for the TLS handshake after it. */
  readonly connectWithinMs?: number;
}

/** Returns agents that keep connections open: to the proxy, which is asked by CONNECT, or direct ones if it is null. */
export function agentsFor(proxy: URL | null): Agents {
  if (proxy === null) return DIRECT;
  const known = tunnels.get(proxy.href);
  if (known !== undefined) return known;
  // Plain http is allowed to this machine only, which is never reached through a proxy.
  const agents = { http: DIRECT.http, https: new TunnelAgent(proxy) };
  tunnels.set(proxy.href, agents);
  return agents;
}

type ConnectOptions = Parameters<HttpsProxyAgent<string>['connect']>[1];

/**
 * Opens TLS connections through a proxy. The library hands over a refusal of the proxy as if it were the answer of the
 * target, and waits without end, so this agent does neither.
 */
class TunnelAgent extends HttpsProxyAgent<string> {
  constructor(proxy: URL) {
    super(proxy, KEEP_ALIVE);
    // The library drops them, and with them the time after which an idle connection is closed.
    Object.assign(this.options, KEEP_ALIVE);
  }

  override async connect(request: ClientRequest, options: ConnectOptions & TunnelTime): Promise<Socket> {
    const target = `${options.host ?? ''}:${String(options.port)}`;
    const limit = new AbortController();
    const timer = setTimeout(() => {
      limit.abort();
    }, options.connectWithinMs ?? CONNECT_TIMEOUT_MS);
    try {
      const socket = await this.#openTunnel({ request, options, target, signal: limit.signal });
      timer.refresh();
      // The wait ends before the socket reports the end of the limit, which without a listener would end the process.
      socket.on('error', () => undefined);
      if (socket instanceof TLSSocket) await once(socket, 'secureConnect', { signal: limit.signal });
      return socket;
    } catch (error) {
      throw limit.signal.aborted && !(error instanceof ProxyFailure) ? handshakeTimeout(target) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #openTunnel(input: {
    request: ClientRequest;
    options: ConnectOptions;
    target: string;
    signal: AbortSignal;
  }): Promise<Socket> {
    const { request, options, target, signal } = input;
    const tunnel = new HttpsProxyAgent(this.proxy, { signal });
    let status = 0;
    tunnel.once('proxyConnect', ({ statusCode }: { statusCode: number }) => {
      status = statusCode;
    });
    let socket: Socket;
    try {
      socket = await tunnel.connect(request, options);
    } catch (error) {
      throw proxyTrouble({ proxy: this.proxy, target, error });
    }
    if (status === 200) return socket;
    socket.destroy();
    throw proxyRefusal({ proxy: this.proxy, target, status });
  }
}

function handshakeTimeout(target: string): Error {
  return Object.assign(new Error(`no TLS handshake with ${target} in time`), { code: 'ETIMEDOUT' });
}
