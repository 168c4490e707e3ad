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

/** Returns gRPC's channel options for an address (`host` or `host:port`): no HTTP proxy to this machine. */
export function directToLoopback(address: string): { channelArgs?: { 'grpc.enable_http_proxy': 0 } } {
  return isLoopbackHost(address.replace(/:\d+$/, '')) ? { channelArgs: { 'grpc.enable_http_proxy': 0 } } : {};
}
