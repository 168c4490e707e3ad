import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'dotenv';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { generateDocs } from '../src/commands/generate-docs.js';
import { readTemporal } from '../src/settings/temporal.js';
import { loadSettings } from '../src/settings/settings.js';

const readmePath = fileURLToPath(new URL('../README.md', import.meta.url));
const envExamplePath = fileURLToPath(new URL('../.env.example', import.meta.url));

describe('the generated documents', () => {
  it('are current: otherwise run `npm run docs`', async () => {
    const readme = await readFile(readmePath, 'utf8');

    const generated = await generateDocs({ readme });

    const options = { ...(await resolveConfig(readmePath)), filepath: readmePath };
    expect(await format(generated.readme, options)).toBe(readme);
    expect(generated.envExample).toBe(await readFile(envExamplePath, 'utf8'));
  });

  it('hold an example environment that means the defaults', async () => {
    const example = await readFile(envExamplePath, 'utf8');
    const uncommented = parse(example.replaceAll(/^#(?=[A-Z_]+=)/gm, ''));
    const account = {
      INVOCA_BASE_URL: 'https://acme.invoca.net',
      INVOCA_ID: '1',
      INVOCA_TOKEN: 't',
      CREDIRA_API_KEY: 'k',
    };
    const needs = ['mongodb', 'accounts', 'worker', 'temporal'] as const;

    const settings = loadSettings({ env: { ...uncommented, ...account }, needs });

    expect(settings).toEqual({ ...loadSettings({ env: account, needs }), isLogLevelSet: true });
    expect(readTemporal(uncommented)).toEqual(readTemporal({}));
    expect(loadSettings({ env: { ...uncommented, ...account, CREDIRA_API_KEY: '' }, needs }).accounts).toHaveLength(1);
  });

  it('need their place in the README', async () => {
    await expect(generateDocs({ readme: '# callweave' })).rejects.toThrow('has lost its markers');
  });
});
