import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { noopMetricMeter } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadSettings } from '../src/settings/settings.js';
import { createMetrics } from '../src/worker/metrics.js';

const root = fileURLToPath(new URL('../', import.meta.url));

function read(path: string): string {
  return readFileSync(root + path, 'utf8');
}

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.looseObject({
      profiles: z.array(z.string()).default([]),
      volumes: z.array(z.string()).default([]),
      command: z.array(z.string()).default([]),
      environment: z.record(z.string(), z.string()).default({}),
    }),
  ),
});
const { services } = composeSchema.parse(parse(read('docker-compose.yml'), { merge: true }));

const monitoring = Object.entries(services).filter(([, { profiles }]) => profiles.length > 0);

function environmentOf(name: string): Record<string, string> {
  return services[name]?.environment ?? {};
}

/** Returns the file or folder of the repository that a service sees at a path; null if it is not mounted there. */
function mountedAt(name: string, path: string): string | null {
  const mounts = (services[name]?.volumes ?? []).map((volume) => volume.split(':'));
  const mount = mounts.find(([, to = '']) => path === to || path.startsWith(`${to}/`));
  return mount === undefined ? null : `${mount[0]}${path.slice(mount[1]?.length)}`;
}

describe('the compose profile monitoring', () => {
  it('has Prometheus and Grafana, which change no file of the repository', () => {
    expect(monitoring.map(([name, { profiles }]) => [name, profiles])).toEqual([
      ['prometheus', ['monitoring']],
      ['grafana', ['monitoring']],
    ]);
    const mounts = monitoring.flatMap(([, { volumes }]) => volumes.filter((volume) => volume.startsWith('./')));
    expect(mounts).toHaveLength(4);
    for (const mount of mounts) {
      expect(mount).toMatch(/:ro$/);
      expect(existsSync(`${root}${mount.split(':')[0]}`), mount).toBe(true);
    }
  });

  it('scrapes the metrics of every worker, with the rules', () => {
    const scrapeSchema = z.object({ names: z.array(z.string()), type: z.string(), port: z.int() }).partial();
    const config = z
      .object({
        rule_files: z.array(z.string()),
        scrape_configs: z.array(z.object({ job_name: z.string(), dns_sd_configs: z.array(scrapeSchema.loose()) })),
      })
      .parse(parse(read('deploy/prometheus/prometheus.yml')));
    const { metricsAddress } = loadSettings({ env: environmentOf('worker'), needs: ['worker'] });

    expect(config.scrape_configs).toMatchObject([
      {
        job_name: 'callweave',
        dns_sd_configs: [{ names: ['worker'], port: Number(metricsAddress?.split(':').at(-1)) }],
      },
    ]);
    const [, path = ''] = services['prometheus']?.command[0]?.split('=') ?? [];
    expect(mountedAt('prometheus', path)).toBe('./deploy/prometheus/prometheus.yml');
    expect(config.rule_files).toEqual(['rules.yml']);
    expect(mountedAt('prometheus', path.replace('prometheus.yml', 'rules.yml'))).toBe('./deploy/prometheus/rules.yml');
  });

  it('gives Grafana the data source of the dashboard and the dashboard', () => {
    const folder = '/etc/grafana/provisioning';
    const fileOf = (path: string): string => read(mountedAt('grafana', path) ?? 'not mounted');
    const { datasources } = z
      .object({ datasources: z.array(z.object({ uid: z.string(), url: z.string() })) })
      .parse(parse(fileOf(`${folder}/datasources/prometheus.yml`)));
    const { providers } = z
      .object({ providers: z.array(z.object({ options: z.object({ path: z.string() }) })) })
      .parse(parse(fileOf(`${folder}/dashboards/callweave.yml`)));
    const shown = environmentOf('grafana')['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? '';

    expect(datasources).toMatchObject([{ uid: 'prometheus', url: 'http://prometheus:9090' }]);
    expect(read('deploy/grafana/dashboard.json')).toContain(
      '"current": { "text": "Prometheus", "value": "prometheus" }',
    );
    expect(shown.startsWith(providers[0]?.options.path ?? 'none')).toBe(true);
    expect(mountedAt('grafana', shown)).toBe('./deploy/grafana/dashboard.json');
  });
});

describe('docs/monitoring.md', () => {
  const document = read('docs/monitoring.md');

  it('lists every metric of the worker', () => {
    const names: string[] = [];
    createMetrics({
      createCounter: (name) => {
        names.push(`${name}_total`);
        return noopMetricMeter.createCounter(name);
      },
      createGauge: (name) => {
        names.push(name);
        return noopMetricMeter.createGauge(name);
      },
    });

    expect([...document.matchAll(/^\| `(callweave_\w+)`/gm)].map(([, name]) => name).toSorted()).toEqual(
      names.toSorted(),
    );
  });

  it('lists every alert, in the order of the rules', () => {
    const alerts = [...read('deploy/prometheus/rules.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);

    expect(alerts.length).toBeGreaterThan(10);
    expect([...document.matchAll(/^\| `(Callweave\w+)`/gm)].map(([, name]) => name)).toEqual(alerts);
  });
});
