/** The heap limit of the image, as the Dockerfile sets it. */
import { readFileSync } from 'node:fs';

const DOCKERFILE = new URL('../../Dockerfile', import.meta.url);

/** Returns the options that the image gives Node.js. Throws if it gives none. */
export function imageNodeOptions() {
  const [, options] = /\bNODE_OPTIONS=(\S+)/.exec(readFileSync(DOCKERFILE, 'utf8')) ?? [];
  if (options === undefined)
    throw new Error('The Dockerfile sets no NODE_OPTIONS: the heap limit of the image is unknown.');
  return options;
}

export function imageHeapMib() {
  const [, mib] = /--max-old-space-size=(\d+)/.exec(imageNodeOptions()) ?? [];
  if (mib === undefined) throw new Error('NODE_OPTIONS in the Dockerfile sets no --max-old-space-size.');
  return Number(mib);
}
