/** Checks of `deploy/kubernetes` against the schemas of Kubernetes. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { root } from '../prepare.mjs';
import { kustomize, pythonTools } from './pinned-tools.mjs';

const MANIFESTS = join(root, 'deploy/kubernetes');

/** Versions that docs/production.md names: the oldest that has all that the manifests use, and the newest with schemas. */
const VERSIONS = ['1.31', '1.37'];

/** Returns the checks: `{name, run}`. `run` throws the reason if the check fails. */
export function kubernetesChecks() {
  return [
    ...VERSIONS.map((version) => ({
      name: `the manifests are valid in Kubernetes ${version}`,
      run: async () => checkValid({ version, resources: [...(await readKustomized(MANIFESTS)), ...readSecret()] }),
    })),
    ...VERSIONS.map((version) => ({
      name: `the manifests with webhooks are valid in Kubernetes ${version}`,
      run: async () => checkValid({ version, resources: await withWebhooks() }),
    })),
    { name: 'a misspelt field of the manifests is found', run: checkMisspelt },
    { name: 'an API that Kubernetes does not have is found', run: checkUnknownApi },
  ];
}

/** Returns what `kubectl apply -k` would apply of a folder. */
async function readKustomized(folder) {
  const text = execFileSync(await kustomize(), ['build', folder], { encoding: 'utf8' });
  return parseAllDocuments(text).map((document) => document.toJS());
}

function readSecret() {
  return parseAllDocuments(readFileSync(join(MANIFESTS, 'secret.example.yaml'), 'utf8')).map((document) =>
    document.toJS(),
  );
}

/** Returns the resources with the component, as its comment in kustomization.yaml has it. */
async function withWebhooks() {
  const folder = mkdtempSync(join(tmpdir(), 'callweave-kubernetes-'));
  try {
    cpSync(MANIFESTS, folder, { recursive: true });
    const file = join(folder, 'kustomization.yaml');
    const text = readFileSync(file, 'utf8').replace(/^# (components:)\n# ( {2}- webhooks)$/m, '$1\n$2');
    writeFileSync(file, text);
    const resources = await readKustomized(folder);
    if (!resources.some(({ metadata }) => metadata.name === 'callweave-webhooks')) {
      throw new Error('kustomization.yaml has no lines to uncomment for webhooks');
    }
    return resources;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every resource must be named as valid: one of an unknown kind is only warned about. */
async function checkValid({ version, resources }) {
  const { code, said } = await validate({ version, resources });
  const passed = said.match(/^INFO .* passed for resource/gm) ?? [];
  if (code !== 0 || passed.length !== resources.length) throw new Error(said);
}

async function checkMisspelt() {
  const resources = await readKustomized(MANIFESTS);
  const { spec } = resources.find(({ kind }) => kind === 'Deployment');
  const { securityContext } = spec.template.spec.containers[0];
  securityContext.readOnlyRootFileSystem = securityContext.readOnlyRootFilesystem;
  for (const version of VERSIONS) await refuses({ version, resources, pattern: /readOnlyRootFileSystem/ });
}

async function checkUnknownApi() {
  const resources = (await readKustomized(MANIFESTS)).map((resource) => ({ ...resource, apiVersion: 'apps/v1beta9' }));
  for (const version of VERSIONS) await refuses({ version, resources, pattern: /apps\/v1beta9/ });
}

async function refuses({ pattern, ...input }) {
  const reason = await checkValid(input).then(
    () => 'nothing',
    ({ message }) => message,
  );
  if (!pattern.test(reason)) throw new Error(`found ${reason}`);
}

async function validate({ version, resources }) {
  const run = await pythonTools();
  const input = resources.map((resource) => stringify(resource)).join('---\n');
  return run({ tool: 'kubernetes_validate', args: ['--strict', '--kubernetes-version', version], input });
}
