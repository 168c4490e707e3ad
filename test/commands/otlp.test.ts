import { describe, expect, it } from 'vitest';
import { startConnectProxy } from '../support/connect-proxy.js';
import { minimalRows, startInvoca } from '../support/fake-invoca.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { callweave, invocaSettings, serverSettings, untilSaid } from '../support/program.js';
import { useTestDatabase } from '../support/test-database.js';
import { useTestNamespace } from '../support/temporal-namespace.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const temporal = useTestNamespace();
const mongodb = useTestDatabase();

/** Settings of a proxy that answers nothing, under every name: a request through it fails. */
const noProxyIsThere = Object.fromEntries(
  ['http_proxy', 'https_proxy', 'all_proxy']
    .flatMap((name) => [name, name.toUpperCase()])
    .map((name) => [name, 'http://127.0.0.1:1']),
);

describe('the metrics of `callweave worker` by OTLP', { timeout: 60_000 }, () => {
  it('arrive by gRPC and by HTTP, with the login of the endpoint and the headers, without a proxy', async () => {
    const cwd = await temporaryFolder();
    const [grpc, http] = await Promise.all([startOtlpReceiver('grpc'), startOtlpReceiver('http/protobuf')]);
    const env = {
      ...serverSettings({ namespace: temporal.namespace, database: mongodb.database }),
      ...invocaSettings(await startInvoca({ rows: minimalRows(3) }), 'measured'),
      ...noProxyIsThere,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=sesame%20header',
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      CALLWEAVE_LOG_LEVEL: 'trace',
    };
    const login = 'me:sesame%40login';
    const byGrpc = callweave(['worker', '--role', 'api'], {
      cwd,
      env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: `http://${login}@${grpc.host}` },
    });
    const byHttp = callweave(['worker', '--role', 'workflows'], {
      cwd,
      env: {
        ...env,
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://${login}@${http.host}/base/`,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      },
    });
    const drain = await callweave(['drain', '--wait'], { cwd, env });
    expect(drain.exitCode, drain.stderr).toBe(0);

    await expect.poll(() => grpc.names('callweave_')).toContain('callweave_rows');
    await expect.poll(() => grpc.names('temporal_')).toContain('temporal_activity_execution_latency');
    await expect.poll(() => http.names('callweave_')).toContain('callweave_requests_per_second');
    await expect.poll(() => http.names('temporal_')).toContain('temporal_workflow_completed');
    for (const [receiver, path] of [
      [grpc, '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export'],
      [http, '/base/v1/metrics'],
    ] as const) {
      const [first] = receiver.received;
      expect(first?.path).toBe(path);
      expect(first?.headers).toMatchObject({
        authorization: `Basic ${Buffer.from('me:sesame@login').toString('base64')}`,
        'api-key': 'sesame header',
      });
      expect(first?.body).toMatch(/service\.name[^a-z]+callweave/);
    }
    byGrpc.kill('SIGTERM');
    byHttp.kill('SIGTERM');
    for (const { exitCode, stdout, stderr } of await Promise.all([byGrpc, byHttp])) {
      expect(exitCode, stderr).toBe(0);
      expect(stdout + stderr).not.toMatch(/sesame|export failed/);
    }
  });

  it('are lost without a receiver, here behind a proxy, and the worker works on', async () => {
    const cwd = await temporaryFolder();
    const proxy = await startConnectProxy({ hosts: {}, login: 'me:sesame-proxy' });
    const env = {
      ...serverSettings({ namespace: temporal.namespace, database: mongodb.database }),
      ...invocaSettings(await startInvoca({ rows: minimalRows(3) }), 'unheard'),
      HTTPS_PROXY: `http://me:sesame-proxy@${proxy.host}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://me:sesame-login@collector.invalid',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_METRIC_EXPORT_INTERVAL: '200',
    };
    const worker = callweave(['worker'], { cwd, env });
    await untilSaid(worker, 'OTLP metric export failed');
    const drain = await callweave(['drain', '--wait', '--json'], { cwd, env });
    worker.kill('SIGTERM');
    const { exitCode, stderr } = await worker;

    expect(JSON.parse(drain.stdout)).toMatchObject({ rows: 3 });
    expect(exitCode, stderr).toBe(0);
    expect(proxy.asked).toContain('collector.invalid:443');
    expect(stderr).not.toContain('sesame');
  });
});
