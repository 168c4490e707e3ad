import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a host, by its name or address (in brackets or not), is this machine and nothing else. */
export function isLoopbackHost(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(address);
  if (family === 0) return address.toLowerCase() === 'localhost';
  return LOOPBACK.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Channel options of gRPC for an address (`host` or `host:port`): to this machine no proxy is in between. */
export function directToLoopback(address: string): { channelArgs?: { 'grpc.enable_http_proxy': 0 } } {
  return isLoopbackHost(address.replace(/:\d+$/, '')) ? { channelArgs: { 'grpc.enable_http_proxy': 0 } } : {};
}
