import { describe, expect, it } from 'vitest';
import { isLoopbackHost } from '../../src/process/loopback-host.js';

describe('isLoopbackHost', () => {
  it.each([
    ...['localhost', 'LOCALHOST', '127.0.0.1', '127.255.1.9', '::1', '[::1]', '[0:0:0:0:0:0:0:1]', '::ffff:127.0.0.1'],
  ])('recognises %s', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  it.each([
    ...[
      '',
      '128.0.0.1',
      '10.0.0.1',
      '0.0.0.0',
      '[2001:db8::1]',
      'localhost.example',
      '127.0.0.1.example',
      'nolocalhost',
    ],
  ])('treats %s as another machine', (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });
});
