import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** True if a host, given by name or by address (in brackets or not), can only be this machine. */
export function isLoopbackHost(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(address);
  if (family === 0) return address.toLowerCase() === 'localhost';
  return LOOPBACK.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Channel option that keeps gRPC from the proxies of the environment: it knows only some of the variables. */
export const WITHOUT_PROXY_OF_ENVIRONMENT = { 'grpc.enable_http_proxy': 0 };
