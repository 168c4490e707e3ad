import { msToNumber } from '@temporalio/common/lib/time.js';
import { parse as parseEnv } from 'dotenv';
import getPort from 'get-port';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { SettingsError } from '../src/settings/errors.js';
import { loadSettings } from '../src/settings/settings.js';
import { serveHealth } from '../src/worker/health.js';
import { SHUTDOWN_FORCE_TIME } from '../src/worker/run-workers.js';
import { imageHeapMib, imageVariables, KNOWN_NAMES, readRoot } from './support/deployed-files.js';

const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });
const containerSchema = z.looseObject({
  image: z.string().optional(),
  args: z.array(z.string()).default([]),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
  ports: z.array(z.object({ name: z.string(), containerPort: z.int() })).default([]),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() }).loose()).default([]),
  resources: z
    .object({ limits: z.object({ memory: z.string() }) })
    .loose()
    .optional(),
  startupProbe: probe.loose().optional(),
  livenessProbe: probe.loose().optional(),
  readinessProbe: probe.loose().optional(),
});
const workloadSchema = z.looseObject({
  spec: z.looseObject({
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }).optional(),
      spec: z.looseObject({
        containers: z.tuple([containerSchema]),
        terminationGracePeriodSeconds: z.int().optional(),
        volumes: z.array(z.looseObject({ secret: z.looseObject({ secretName: z.string() }) })).default([]),
      }),
    }),
  }),
});
const selectingSchema = z.object({
  spec: z.object({
    selector: z.record(z.string(), z.unknown()),
    ports: z.array(z.object({ port: z.int(), targetPort: z.string() }).loose()).default([]),
  }),
});

function manifest(name: string): unknown {
  return parse(readRoot(`deploy/kubernetes/${name}`));
}

function podOf(name: string): z.infer<typeof workloadSchema>['spec']['template']['spec'] {
  return workloadSchema.parse(manifest(name)).spec.template.spec;
}

const settingsText = readRoot('deploy/kubernetes/settings.env');
const settings = parseEnv(settingsText);
const secret = z
  .object({ metadata: z.object({ name: z.string() }), stringData: z.record(z.string(), z.string()) })
  .parse(manifest('secret.example.yaml'));
const worker = podOf('worker.yaml');
const webhooks = podOf('webhooks/worker.yaml');
const [container] = worker.containers;

/** Every key of the Secret that the example names, also in a comment. */
const secretKeys = [
  ...readRoot('deploy/kubernetes/secret.example.yaml').matchAll(/^ {2}(?:# )?([a-z-]+): <.+>$/gm),
].map(([, key]) => key);

/** Returns the names that the environment of a manifest's containers refers to. */
function referencesIn(value: unknown): { configMaps: string[]; secrets: string[]; secretKeys: string[] } {
  const found: { configMaps: string[]; secrets: string[]; secretKeys: string[] } = {
    configMaps: [],
    secrets: [],
    secretKeys: [],
  };
  JSON.stringify(value, (key, inner: unknown) => {
    if (key === 'configMapRef') found.configMaps.push(z.object({ name: z.string() }).parse(inner).name);
    if (key === 'secretKeyRef') {
      const reference = z.object({ name: z.string(), key: z.string() }).loose().parse(inner);
      found.secrets.push(reference.name);
      found.secretKeys.push(reference.key);
    }
    return inner;
  });
  return found;
}

function portOf(address: string | undefined): number {
  return Number(address?.split(':').at(-1));
}

describe('the manifests of Kubernetes', () => {
  it('name settings that exist, also in comments', () => {
    const commented = parseEnv(settingsText.replaceAll(/^# (?=[A-Z_]+=)/gm, ''));
    const containers = [worker, webhooks, podOf('schedules.yaml')].flatMap(({ containers }) => containers);
    const names = [...Object.keys(commented), ...containers.flatMap(({ env }) => env.map(({ name }) => name))];

    expect(Object.keys(commented)).toContain('TEMPORAL_WORKER_BUILD_ID');
    expect(names).toContain('INVOCA_WEBHOOK_SECRET_FILE');
    expect(KNOWN_NAMES).toEqual(expect.arrayContaining(names));
  });

  it('refuse to run with a placeholder', () => {
    const { stringData } = secret;
    const env = {
      ...settings,
      MONGODB_URI: stringData['mongodb-uri'],
      MONGODB_URI_FILE: undefined,
      INVOCA_TOKEN: stringData['invoca-token'],
      INVOCA_TOKEN_FILE: undefined,
    };
    const placeholders = Object.entries(env).filter(([, value]) => value?.includes('<'));

    const problems = (() => {
      try {
        loadSettings({ env, needs: ['mongodb', 'some-account', 'worker', 'temporal'] });
        return [];
      } catch (error) {
        return error instanceof SettingsError ? error.problems : [];
      }
    })();

    expect(placeholders).toHaveLength(5);
    for (const [name] of placeholders) expect(problems.join('\n')).toContain(name);
  });

  it('mount the Secret where the settings look for its keys', () => {
    for (const { containers, volumes } of [worker, podOf('schedules.yaml')]) {
      expect(volumes[0]?.secret.secretName).toBe(secret.metadata.name);
      const { mountPath } = containers[0].volumeMounts[0] ?? {};
      const files = [...Object.values(settings), ...webhooks.containers[0].env.map(({ value }) => value)].filter(
        (value) => value?.startsWith('/'),
      );

      expect(files).toHaveLength(3);
      for (const file of files) expect(secretKeys.map((key) => `${mountPath}/${key}`)).toContain(file);
    }
  });

  it('take their environment from the ConfigMap and the Secret that there are', () => {
    const { configMapGenerator } = z
      .object({ configMapGenerator: z.tuple([z.object({ name: z.string() }).loose()]) })
      .parse(manifest('kustomization.yaml'));

    for (const name of ['worker.yaml', 'schedules.yaml', 'webhooks/worker.yaml']) {
      const references = referencesIn(manifest(name));
      const isWhole = !name.startsWith('webhooks/');
      expect(references.configMaps, name).toEqual(isWhole ? [configMapGenerator[0].name] : []);
      expect(new Set(references.secrets), name).toEqual(new Set(isWhole ? [secret.metadata.name] : []));
      expect(secretKeys, name).toEqual(expect.arrayContaining(references.secretKeys));
    }
  });

  it.each(['worker.yaml', 'schedules.yaml'])('run %s without root, rights and a writable file system', (name) => {
    const pod = podOf(name);
    const [, uid, gid] = /^USER (\d+):(\d+)$/m.exec(readRoot('Dockerfile')) ?? [];

    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: Number(uid),
        runAsGroup: Number(gid),
        seccompProfile: { type: 'RuntimeDefault' },
      },
    });
    expect(pod.containers[0]['securityContext']).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('probe paths that the worker serves, at the port of its settings', async () => {
    const address = `127.0.0.1:${await getPort()}`;
    const health = await serveHealth({ address, ping: () => Promise.resolve() });
    onTestFinished(() => health.close());
    const { livenessProbe, readinessProbe, startupProbe, ports } = container;
    const port = ports.find(({ name }) => name === 'health')?.containerPort;
    // Alive at once, but not ready before there are workers.
    const answers = { startup: startupProbe, liveness: livenessProbe, readiness: readinessProbe };
    const expected = { startup: 200, liveness: 200, readiness: 503 };

    for (const [name, status] of Object.entries(expected)) {
      const { path = '', port: portName } = answers[name as keyof typeof answers]?.httpGet ?? {};
      expect((await fetch(`http://${address}${path}`)).status, name).toBe(status);
      expect(portName).toBe('health');
    }
    expect(port).toBe(portOf(settings['CALLWEAVE_HEALTH_ADDRESS']));
    expect(settings['CALLWEAVE_HEALTH_ADDRESS']).toBe(imageVariables('ENV')['CALLWEAVE_HEALTH_ADDRESS']);
  });

  it('give a worker the memory that its heap needs, and time to finish', () => {
    expect(container.resources?.limits.memory).toBe(`${(imageHeapMib() + 512) / 1_024}Gi`);
    expect((worker.terminationGracePeriodSeconds ?? 0) * 1_000).toBeGreaterThanOrEqual(
      msToNumber(SHUTDOWN_FORCE_TIME) + 10_000,
    );
  });

  it('open the ports of the settings to the Services', () => {
    const { labels } = workloadSchema.parse(manifest('worker.yaml')).spec.template.metadata ?? {};
    const served = [...container.ports, ...webhooks.containers[0].ports];
    const addressOf: Record<string, string | undefined> = {
      metrics: settings['CALLWEAVE_METRICS_ADDRESS'],
      webhooks: webhooks.containers[0].env.find(({ name }) => name === 'CALLWEAVE_WEBHOOK_ADDRESS')?.value,
    };
    for (const name of ['metrics.yaml', 'webhooks/service.yaml']) {
      const { selector, ports } = selectingSchema.parse(manifest(name)).spec;
      const [{ targetPort } = { targetPort: '' }] = ports;

      expect(selector).toEqual(labels);
      expect(served).toContainEqual({ name: targetPort, containerPort: portOf(addressOf[targetPort]) });
    }
    expect(selectingSchema.parse(manifest('disruption-budget.yaml')).spec.selector).toEqual({ matchLabels: labels });
  });

  it('run the version of package.json, and apply every file of theirs but the Secret', () => {
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(readRoot('package.json')));
    const { images, resources } = z
      .object({
        images: z.tuple([z.object({ name: z.string(), newTag: z.string() })]),
        resources: z.array(z.string()),
      })
      .parse(manifest('kustomization.yaml'));

    expect(images[0]).toEqual({ name: container.image, newTag: version });
    expect(resources).toEqual(['schedules.yaml', 'worker.yaml', 'disruption-budget.yaml', 'metrics.yaml']);
    expect(settingsText).toContain(`TEMPORAL_WORKER_BUILD_ID=${version}`);
  });
});
