import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type { Duration } from '@temporalio/common';
import { msToNumber, msToTs } from '@temporalio/common/lib/time.js';
import { execa } from 'execa';
import getPort from 'get-port';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { resolveBinary, defaultCacheDir } from '../src/embedded/binary.js';
import { startServerProcess } from '../src/embedded/server-process.js';
import { temporalSources } from '../src/embedded/temporal-binary.js';
import { DYNAMIC_CONFIG, RETENTION, SEARCH_ATTRIBUTES } from '../src/embedded/temporal.js';
import { loadSettings } from '../src/settings/settings.js';
import { SHUTDOWN_FORCE_TIME } from '../src/worker/run-workers.js';
import { imageHeapMib, imageVariables, KNOWN_NAMES, readRoot } from './support/deployed-files.js';
import { temporaryFolder } from './support/temporary-folder.js';

const PINNED = /:v?\d+\.\d+\.\d+(-[a-z-]+)?$/;

const serviceSchema = z.looseObject({
  image: z.string().optional(),
  build: z.string().optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  healthcheck: z.looseObject({ test: z.array(z.string()).optional() }).default({}),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  stop_grace_period: z.string().default('10s'),
  mem_limit: z.string().optional(),
  secrets: z.array(z.string()).default([]),
});
const composeSchema = z.looseObject({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.null()).default({}),
  secrets: z.record(z.string(), z.object({ file: z.string() })).default({}),
});
type Service = z.infer<typeof serviceSchema>;

const compose = composeSchema.parse(parse(readRoot('docker-compose.yml'), { merge: true }));
const services = Object.entries(compose.services);
const dockerfile = readRoot('Dockerfile');

function service(name: string): Service {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service "${name}"`);
  return found;
}

/** Values of a flag, one for each `--flag=value` of the command. */
function flagValues(command: readonly string[], flag: string): string[] {
  return command.filter((arg) => arg.startsWith(`--${flag}=`)).map((arg) => arg.slice(flag.length + 3));
}

/** The command with other values of the named flags. */
function withFlags(command: readonly string[], values: Readonly<Record<string, string>>): string[] {
  return command.map((arg) => {
    const flag = /^--([a-z-]+)=/.exec(arg)?.[1] ?? '';
    return values[flag] === undefined ? arg : `--${flag}=${values[flag]}`;
  });
}

describe('docker-compose.yml', () => {
  it('pins the images it does not build, and opens ports to this machine only', () => {
    for (const [name, { image, build, ports }] of services) {
      expect(image ?? build, name).toMatch(build === undefined ? PINNED : /^\.$/);
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    }
    expect(service('temporal').ports).toEqual(['127.0.0.1:7233:7233', '127.0.0.1:8233:8233']);
  });

  it('keeps the data of the servers in named volumes', () => {
    const volumes = services.flatMap(([, { volumes }]) =>
      volumes.filter((volume) => !volume.startsWith('./')).map((volume) => volume.split(':')[0]),
    );

    expect(volumes.toSorted()).toEqual(Object.keys(compose.volumes).toSorted());
    const [databasePath = ''] = flagValues(service('temporal').command, 'db-filename');
    expect(service('temporal').volumes).toEqual([`temporal:${databasePath.replace(/\/[^/]+$/, '')}`]);
  });

  it('waits only for services that report their health or end after their work', () => {
    for (const [, { depends_on }] of services) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        const isHealthy = condition === 'service_healthy' && service(name).healthcheck.test !== undefined;
        const isDone = condition === 'service_completed_successfully' && service(name)['restart'] === 'no';
        expect(isHealthy || isDone, `${name}: ${condition}`).toBe(true);
      }
    }
  });

  it.each(['worker', 'schedules'])('gives the %s settings that exist and match the servers', (name) => {
    const { environment } = service(name);
    expect(KNOWN_NAMES).toEqual(expect.arrayContaining(Object.keys(environment)));

    const settings = loadSettings({ env: environment, needs: ['mongodb', 'worker'] });

    expect(settings.warnings).toEqual([]);
    expect(settings.mongodb.uri).toContain(`replicaSet=${service('mongodb').command[2]}`);
    expect(environment['TEMPORAL_ADDRESS']).toBe(`temporal:${flagValues(service('temporal').command, 'port')[0]}`);
    expect(flagValues(service('temporal').command, 'namespace')).toEqual([environment['TEMPORAL_NAMESPACE']]);
  });

  it('gives a worker time to finish before it is killed, and more memory than its heap', () => {
    const { stop_grace_period, mem_limit } = service('worker');
    expect(msToNumber(stop_grace_period as Duration)).toBeGreaterThanOrEqual(msToNumber(SHUTDOWN_FORCE_TIME) + 10_000);

    expect(Number(/^(\d+)g$/.exec(mem_limit ?? '')?.[1]) * 1_024).toBeGreaterThanOrEqual(imageHeapMib() + 512);
  });

  it.each(['worker', 'schedules'])('lets the %s write no file and gain no right', (name) => {
    expect(service(name)).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  it('creates the replica set if there is none, and is healthy when it accepts writes', () => {
    const script = service('mongodb').healthcheck.test?.at(-1) ?? '';
    const initiated: unknown[] = [];
    const check = ({ isThere, isWritablePrimary }: { isThere: boolean; isWritablePrimary: boolean }): unknown =>
      runInNewContext(script, {
        rs: {
          status: () => {
            if (!isThere) throw new Error('no replset config has been received');
          },
          initiate: (config: unknown) => initiated.push(config),
        },
        db: { hello: () => ({ isWritablePrimary }) },
        quit: (exitCode: number) => exitCode,
      });

    expect(check({ isThere: false, isWritablePrimary: false })).toBe(1);
    expect(initiated).toEqual([{ _id: service('mongodb').command[2], members: [{ _id: 0, host: 'mongodb:27017' }] }]);
    expect(check({ isThere: true, isWritablePrimary: true })).toBe(0);
    expect(initiated).toHaveLength(1);
    expect(service('mongodb')['hostname']).toBe('mongodb');
  });

  it('runs Temporal with the options of the embedded server', () => {
    const { command } = service('temporal');
    const dynamicConfig = flagValues(command, 'dynamic-config-value').map((pair) => pair.split('='));

    expect(Object.fromEntries(dynamicConfig)).toEqual(
      Object.fromEntries(Object.entries(DYNAMIC_CONFIG).map(([key, value]) => [key, String(value)])),
    );
    expect(flagValues(command, 'search-attribute')).toEqual(SEARCH_ATTRIBUTES.map((name) => `${name}=Keyword`));
    expect(flagValues(command, 'sqlite-pragma')).toEqual(['synchronous=off']);
    const [retention = ''] = flagValues(service('retention').command, 'retention');
    expect(msToTs(retention as Duration)).toEqual(RETENTION);
  });

  it('has commands that Temporal accepts', { timeout: 60_000 }, async () => {
    const say = (): void => undefined;
    const { path, source } = await resolveBinary({
      server: 'Temporal',
      command: 'temporal',
      sources: temporalSources,
      cacheDir: defaultCacheDir,
      say,
    });
    const [port, uiPort] = [await getPort(), await getPort()];
    const address = `127.0.0.1:${port}`;
    const databasePath = join(await temporaryFolder(), 'temporal.db');
    const changes = { ip: '127.0.0.1', port: String(port), 'ui-port': String(uiPort), 'db-filename': databasePath };
    const isHealthy = service('temporal').healthcheck.test?.slice(2) ?? [];

    const server = await startServerProcess({
      name: 'temporal',
      program: path,
      // The program on PATH may be an older release that does not know this flag.
      args: withFlags(service('temporal').command, changes).filter(
        (arg) => source !== null || arg !== '--ui-disable-news-fetch',
      ),
      dataDir: null,
      isReady: async () =>
        !(await execa(path, isHealthy, { env: { TEMPORAL_ADDRESS: address }, reject: false })).failed,
    });
    onTestFinished(() => server.stop());

    await execa(path, withFlags(service('retention').command, { address }));
    expect((await fetch(`http://127.0.0.1:${uiPort}`)).status).toBe(200);
  });
});

describe('docker-compose.secrets.yml', () => {
  it('passes the token as a file that a setting names', () => {
    const override = composeSchema.parse(parse(readRoot('docker-compose.secrets.yml'), { merge: true }));
    const names = Object.keys(override.secrets);

    expect(Object.keys(override.services)).toEqual(['schedules', 'worker']);
    for (const { environment, secrets } of Object.values(override.services)) {
      expect(secrets).toEqual(names);
      expect(environment).toEqual({ INVOCA_TOKEN_FILE: `/run/secrets/${names[0]}` });
      expect(KNOWN_NAMES).toEqual(expect.arrayContaining(Object.keys(environment)));
    }
  });
});

describe('docker-compose.webhooks.yml', () => {
  it('opens the port of the webhooks of a worker to this machine only', () => {
    const override = composeSchema.parse(parse(readRoot('docker-compose.webhooks.yml')));
    expect(Object.keys(override.services)).toEqual(['worker']);
    const { environment, ports } = override.services['worker'] ?? {};

    const { webhookAddress, warnings } = loadSettings({ env: environment ?? {}, needs: ['worker'] });

    expect(warnings).toEqual([]);
    const port = webhookAddress?.replace('0.0.0.0:', '');
    expect(ports).toEqual([`127.0.0.1:${port}:${port}`]);
  });
});

describe('Dockerfile', () => {
  it('builds and runs on one pinned Node.js that package.json allows', () => {
    const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);

    expect(new Set(images).size).toBe(1);
    expect(images[0]).toMatch(/^node:2[24]\.\d+\.\d+-bookworm-slim$/);
  });

  it('leaves the packages of `callweave dev` and of the build out of the image', () => {
    expect(dockerfile).toMatch(/npm run build && npm prune --omit=dev --omit=optional /);
  });

  it('runs the worker without root and without a shell, and probes its health address', () => {
    expect(dockerfile).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
    expect(dockerfile).toMatch(/^ENTRYPOINT \["node", "\/app\/dist\/cli\.js"\]\nCMD \["worker"\]$/m);
    const { healthAddress } = loadSettings({ env: imageVariables('ENV'), needs: ['worker'] });
    expect(healthAddress).toBe(`0.0.0.0:${/^EXPOSE (\d+)$/m.exec(dockerfile)?.[1]}`);
    expect(service('worker').environment['CALLWEAVE_HEALTH_ADDRESS']).toBe(healthAddress);
  });

  it('has labels that agree with package.json', () => {
    const { name, version, license, description } = z
      .object({ name: z.string(), version: z.string(), license: z.string(), description: z.string() })
      .parse(JSON.parse(readRoot('package.json')));

    expect(imageVariables('LABEL')).toEqual({
      'org.opencontainers.image.title': name,
      'org.opencontainers.image.description': description,
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.licenses': license,
    });
  });

  it('is given only the files it copies, and no secrets', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) =>
      paths.split(' '),
    );
    const [, everything, ...exceptions] = readRoot('.dockerignore').trim().split('\n');

    expect(everything).toBe('*');
    expect(exceptions.map((line) => line.slice(1)).toSorted()).toEqual(copied.toSorted());
    expect(copied).not.toContain('.env');
  });
});
