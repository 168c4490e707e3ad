import type { Readable } from 'node:stream';

/** Takes everything that a stream holds, as text. From Node.js 26 on, `read` takes a piece of it only. */
export function readAll(stream: Readable): string {
  const pieces: Buffer[] = [];
  for (let piece = next(stream); piece !== null; piece = next(stream)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

function next(stream: Readable): Buffer | null {
  return stream.read() as Buffer | null;
}
