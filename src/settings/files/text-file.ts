import { readFileSync } from 'node:fs';

/** A file that cannot be read as text. The message is the reason, without the file's name or contents. */
export class UnreadableText extends Error {
  override name = 'UnreadableText';
}

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: 'EISDIR: it is a folder',
  EACCES: 'EACCES: this user may not read it',
  EPERM: 'EPERM: this user may not read it',
  ELOOP: 'ELOOP: its links form a loop',
};

/** Reads a file in UTF-8, or in UTF-16 with a byte order mark. The mark is removed. @throws UnreadableText */
export function readTextFile(path: string): string {
  const bytes = readBytes(path);
  const text = decode(bytes);
  if (text === null) {
    throw new UnreadableText('it is neither UTF-8 nor UTF-16 with a byte order mark: save it as UTF-8');
  }
  if (text.includes('\0')) {
    throw new UnreadableText('it contains NUL characters like a binary file: save it as text in UTF-8');
  }
  return text;
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new UnreadableText(REASONS[code] ?? code);
  }
}

function decode(bytes: Buffer): string | null {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function encodingOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
}
