/**
 * Serves `.github/workflows/release.yml`, in the current folder: `node scripts/release.mjs check v0.1.0` says why the version
 * of this tag cannot be released from the repository that GITHUB_REPOSITORY names (`owner/name`), and `notes v0.1.0` prints
 * its section of CHANGELOG.md. Uses only Node's own modules, because it runs before the packages are installed.
 */
import { readFileSync } from 'node:fs';
import { changesOf } from './release/changelog.mjs';
import { releaseProblems } from './release/release-problems.mjs';

const ACTIONS = { check, notes };
const [name, tag] = process.argv.slice(2);

if (!Object.hasOwn(ACTIONS, name) || tag === undefined) {
  process.stderr.write('Usage: node scripts/release.mjs check|notes <tag>\n');
  process.exit(2);
}
ACTIONS[name]();

function check() {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const problems = releaseProblems({
    tag,
    manifest,
    changelog: changelog(),
    repository: process.env.GITHUB_REPOSITORY,
  });
  for (const problem of problems) process.stderr.write(`Cannot release ${tag}: ${problem}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

function notes() {
  const changes = changesOf({ changelog: changelog(), version: tag.replace(/^v/, '') });
  if (changes === null) throw new Error(`CHANGELOG.md has no section for ${tag}`);
  process.stdout.write(`${changes.text}\n`);
}

function changelog() {
  return readFileSync('CHANGELOG.md', 'utf8');
}
