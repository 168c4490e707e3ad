import { readdir, readFile } from 'node:fs/promises';
import { parse } from 'dotenv';
import { describe, expect, it } from 'vitest';
import { generateDocs } from '../scripts/docs/generate-docs.js';
import { readTemporal } from '../src/settings/temporal.js';
import { loadSettings } from '../src/settings/settings.js';

const root = new URL('../', import.meta.url);

async function read(path: string): Promise<string> {
  return await readFile(new URL(path, root), 'utf8');
}

describe('the generated documents', () => {
  it('are current: otherwise run `npm run docs`', async () => {
    const files = await generateDocs(read);

    expect(files.map(({ path }) => path)).toEqual([
      '.env.example',
      'README.md',
      'docs/commands.md',
      'docs/data.md',
      'docs/licences.md',
      'docs/settings.md',
      'docs/call.schema.json',
    ]);
    for (const { path, text } of files) {
      expect(await read(path), path).toBe(text);
    }
  });

  it('leave the README at 350 lines or fewer, with the eight settings that are needed first', async () => {
    const readme = await read('README.md');

    expect(readme.split('\n').length).toBeLessThanOrEqual(351);
    expect(readme.match(/^\| `[A-Z_]+` /gm)).toHaveLength(8);
  });

  it('include an .env.example whose values are the defaults', async () => {
    const example = await read('.env.example');
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

  it('cannot be written to a document without its markers', async () => {
    await expect(generateDocs(() => Promise.resolve('# callweave'))).rejects.toThrow('has lost its markers');
  });
});

describe('the messages of callweave', () => {
  it('name no script of npm, because an installed package has none', async () => {
    const paths = (await readdir(new URL('src', root), { recursive: true })).filter((path) => path.endsWith('.ts'));
    const texts = await Promise.all(paths.map((path) => read(`src/${path}`)));

    expect(paths.length).toBeGreaterThan(100);
    expect(paths.filter((_, index) => /npm (start|run|test)\b/.test(texts[index] ?? ''))).toEqual([]);
  });
});
