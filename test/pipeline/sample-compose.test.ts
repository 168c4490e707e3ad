import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { commands } from '../../src/commands/table.js';
import { defaultDataDir } from '../../src/commands/kit/context.js';

const serviceSchema = z.looseObject({
  profiles: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  restart: z.string().optional(),
});

/** Values that replace those of the file before, instead of being merged with them. */
const TAGS = [
  { tag: '!override', collection: 'map', identify: () => false },
  { tag: '!reset', collection: 'seq', identify: () => false },
] as const;

function servicesOf(file: string) {
  const text = readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');
  const compose: unknown = parse(text, { merge: true, customTags: [...TAGS] });
  return z.looseObject({ services: z.record(z.string(), serviceSchema) }).parse(compose).services;
}

const base = servicesOf('docker-compose.yml');
const sample = servicesOf('docker-compose.sample.yml');

describe('docker-compose.sample.yml', () => {
  it('changes only the services of callweave, and starts no other command than dev', () => {
    expect(Object.keys(sample)).toEqual(['schedules', 'worker']);
    expect(sample['worker']?.['command']).toEqual(['dev']);
    expect(commands.map(({ name }) => name)).toContain('dev');
    expect(sample['worker']?.['env_file']).toEqual([]);
  });

  it('waits for every service that ends by itself, because "up --wait" counts others as failed', () => {
    const { depends_on: needs = {} } = sample['worker'] ?? {};
    const started = Object.entries(base).filter(
      ([name, { profiles }]) =>
        profiles.length === 0 && (sample[name]?.profiles ?? []).length === 0 && name !== 'worker',
    );

    expect(needs).toEqual(
      Object.fromEntries(
        started.map(([name, { restart }]) => [
          name,
          { condition: restart === 'no' ? 'service_completed_successfully' : 'service_healthy' },
        ]),
      ),
    );
  });

  it('keeps the state of the sample where commands look for it', () => {
    const { working_dir: folder, volumes } = z
      .object({ working_dir: z.string(), volumes: z.array(z.string()) })
      .parse(sample['worker']);
    const [volume] = volumes;

    expect(volumes).toHaveLength(1);
    expect(volume).toBe(`sample:${folder}`);
    expect(defaultDataDir(folder)).toBe(`${folder}/.callweave`);
  });
});
