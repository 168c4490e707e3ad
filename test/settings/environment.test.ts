import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../src/settings/files/environment.js';
import { UsageError } from '../../src/settings/errors.js';
import { temporaryFolder } from '../support/temporary-folder.js';

afterEach(() => {
  for (const name of Object.keys(process.env))
    if (name.startsWith('DOTENV_')) Reflect.deleteProperty(process.env, name);
});

async function read(contents: string | Buffer): Promise<Record<string, string>> {
  const cwd = await temporaryFolder();
  writeFileSync(join(cwd, '.env'), contents);
  const ours = Object.entries(readEnvironment({ cwd })).filter(([name]) => name.startsWith('DOTENV_'));
  return Object.fromEntries(ours) as Record<string, string>;
}

const TEXT = 'DOTENV_A=first\nDOTENV_B="zwei €"\n';
const BOTH = { DOTENV_A: 'first', DOTENV_B: 'zwei €' };

describe('a file .env', () => {
  it.each<[string, string | Buffer]>([
    ['in UTF-8', TEXT],
    ['with a byte order mark', `\ufeff${TEXT}`],
    ['in UTF-16, little-endian', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
    ['in UTF-16, big-endian', Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16()],
    ['with the line ends of Windows', TEXT.replaceAll('\n', '\r\n')],
    ['with the line ends of an old Mac', TEXT.replaceAll('\n', '\r')],
    ['with lines that set nothing', `=x\nno assignment\n \n# DOTENV_C=1\nDOTENV_D\n${TEXT}`],
    ['with export before a name', `export ${TEXT}`],
  ])('is read %s', async (_, contents) => {
    expect(await read(contents)).toEqual(BOTH);
  });

  it('loses no line after a blank value', async () => {
    expect(await read('DOTENV_A= \nDOTENV_B=\nDOTENV_C=3')).toEqual({ DOTENV_A: '', DOTENV_B: '', DOTENV_C: '3' });
  });

  it('yields to the environment, but not to blanks in it', async () => {
    process.env['DOTENV_A'] = 'environment';
    process.env['DOTENV_B'] = ' ';

    expect(await read(TEXT)).toEqual({ DOTENV_A: 'environment', DOTENV_B: 'zwei €' });
  });

  it.each<[string, (path: string) => void, string]>([
    ['a folder', (path) => mkdirSync(path), '(EISDIR: it is a folder)'],
    ['a loop of links', (path) => symlinkSync('.env', path), '(ELOOP: its links form a loop)'],
    ['a link to nothing', (path) => symlinkSync('gone', path), '(ENOENT)'],
    [
      'binary',
      (path) => writeFileSync(path, 'A=\0\x01'),
      '(it contains NUL characters like a binary file: save it as text in UTF-8)',
    ],
    ['UTF-16 without its mark', (path) => writeFileSync(path, Buffer.from(TEXT, 'utf16le')), 'save it as UTF-8)'],
    ['in Latin-1', (path) => writeFileSync(path, Buffer.from('A=ü', 'latin1')), 'save it as UTF-8)'],
  ])('that is %s is refused in one line with its name and the reason', async (_, make, reason) => {
    const cwd = await temporaryFolder();
    make(join(cwd, '.env'));
    const error = await Promise.resolve()
      .then(() => readEnvironment({ cwd }))
      .catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(/^cannot read the settings in \/.*\/\.env \(.*\)$/);
    expect((error as Error).message).toContain(reason);
  });
});
