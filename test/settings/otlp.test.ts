import { describe, expect, it } from 'vitest';
import { readOtlp, withEnvironment } from '../../src/settings/otlp.js';
import type { Environment } from '../../src/settings/read-group.js';

function read(env: Environment, isServed = false) {
  return readOtlp({ env, cwd: '.', isServed });
}

const ENDPOINT = 'https://collector.example:4317';
const PROXY = 'http://me:sesame@proxy.example:3128';

describe('the settings of OTLP', () => {
  it('are off without an endpoint, whatever the others say', () => {
    expect(read({ OTEL_METRIC_EXPORT_INTERVAL: '500' })).toEqual({ otlp: null, problems: [], warnings: [] });
  });

  it('name the receiver, whose path is that of OpenTelemetry for HTTP only', () => {
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT }).otlp).toMatchObject({
      url: ENDPOINT,
      protocol: 'grpc',
      headers: {},
      intervalMs: 60_000,
    });
    for (const path of ['', '/', '/otlp', '/otlp/']) {
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `${ENDPOINT}${path}`, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' };
      expect(read(env).otlp?.url).toBe(`${ENDPOINT}${path.replace(/\/$/, '')}/v1/metrics`);
    }
  });

  it.each<[string, Environment, string]>([
    [
      'protocol',
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      'must be one of grpc, http/protobuf (it is "http/json")',
    ],
    ['endpoint without a scheme', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }, 'must be the URL of'],
    ['endpoint with a query', { OTEL_EXPORTER_OTLP_ENDPOINT: `${ENDPOINT}/?key=sesame` }, 'must be the URL of'],
    ['interval', { OTEL_METRIC_EXPORT_INTERVAL: '10s' }, 'must be a whole number from 100 to 3600000'],
  ])('are refused for a wrong %s, without its secrets', (_what, env, said) => {
    const { otlp, problems } = read({ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, ...env });

    expect(otlp).toBeNull();
    expect(problems).toEqual([expect.stringContaining(`${Object.keys(env)[0] ?? ''} ${said}`)]);
    expect(problems.join()).not.toContain('sesame');
  });

  it('give way to Prometheus, with one warning', () => {
    const { otlp, warnings } = read({ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT }, true);

    expect(otlp).toBeNull();
    expect(warnings).toEqual([expect.stringContaining('CALLWEAVE_METRICS_ADDRESS and OTEL_EXPORTER_OTLP_ENDPOINT')]);
  });

  it.each<[string, Environment, boolean]>([
    ['gRPC', { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT }, true],
    [
      'plain HTTP',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.example', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
      true,
    ],
    ['HTTPS', { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, false],
    ['this machine', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4317' }, false],
    ['a host of NO_PROXY', { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, no_proxy: '.example' }, false],
  ])('warn of a proxy that the exporter cannot use: %s', (_what, env, isWarned) => {
    const { warnings } = read({ HTTPS_PROXY: PROXY, ...env });

    expect(warnings).toEqual(isWarned ? [expect.stringContaining('HTTPS_PROXY does not apply')] : []);
  });

  it('leave the exporter no proxy of the environment, but the one of HTTPS_PROXY by HTTPS', () => {
    const env = { ALL_PROXY: PROXY, http_proxy: PROXY, https_proxy: PROXY, NO_PROXY: 'other.example' };
    const byHttps = { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' };

    for (const [settings, proxy] of [
      [byHttps, `${PROXY}/`],
      [{ ...byHttps, OTEL_EXPORTER_OTLP_ENDPOINT: 'https://127.0.0.1:4318' }, undefined],
    ] as const) {
      const found = withEnvironment({ ...env, ...settings }, () =>
        withEnvironment(read({ ...env, ...settings }).otlp?.environment ?? {}, () => ({ ...process.env })),
      );
      const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'NO_PROXY'];
      expect(names.map((name) => found[name])).toEqual([proxy, ...names.slice(1).map(() => undefined)]);
      expect(found['OTEL_EXPORTER_OTLP_ENDPOINT']).toBeUndefined();
      expect(found['OTEL_SERVICE_NAME']).toBe('callweave');
    }
    expect(process.env['OTEL_SERVICE_NAME']).toBeUndefined();
  });
});
