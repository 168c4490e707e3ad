/** Checks of the compose files against the schema of the Compose Specification. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { root } from '../prepare.mjs';
import { pythonTools } from './pinned-tools.mjs';

/** Returns the checks: `{name, run}`. `run` throws the reason if the check fails. */
export function composeChecks() {
  const files = readdirSync(root).filter((name) => /^docker-compose.*\.yml$/.test(name));
  return [
    ...files.map((name) => ({ name: `${name} is valid`, run: () => checkValid(readCompose(name)) })),
    { name: 'a misspelt option of a service is found', run: checkMisspelt },
  ];
}

function readCompose(name) {
  // Tags such as !reset are resolved when files are merged, and stand for nothing in the schema.
  return parseDocument(readFileSync(join(root, name), 'utf8'), { merge: true, logLevel: 'error' }).toJS();
}

async function checkValid(content) {
  const run = await pythonTools();
  const args = ['--builtin-schema', 'vendor.compose-spec'];
  const { code, said } = run({ tool: 'check_jsonschema', args, input: JSON.stringify(content) });
  if (code !== 0) throw new Error(said);
}

async function checkMisspelt() {
  const content = readCompose('docker-compose.yml');
  content.services.worker.read_onyl = true;
  const reason = await checkValid(content).then(
    () => 'nothing',
    ({ message }) => message,
  );
  if (!reason.includes('read_onyl')) throw new Error(`found ${reason}`);
}
