/** What keeps a version from being released. */
import { changesOf } from './changelog.mjs';

/**
 * Returns the reasons why the version of a tag cannot be released, empty if it can. `repository` is `owner/name` on GitHub.
 * As long as the package is private, that is the only reason given.
 */
export function releaseProblems({ tag, manifest, changelog, repository }) {
  if (manifest.private) {
    return ['package.json says "private": true. Its owner decides on that; see "Releases" in CONTRIBUTING.md.'];
  }
  return [
    ...versionProblems({ tag, version: manifest.version }),
    ...repositoryProblems({ stated: manifest.repository?.url ?? manifest.repository, repository }),
    ...changelogProblems({ changelog, version: manifest.version }),
  ];
}

function versionProblems({ tag, version }) {
  if (!/^\d+\.\d+\.\d+$/.test(version)) return [`the version ${version} of package.json is not of the form 1.2.3.`];
  return tag === `v${version}` ? [] : [`package.json has the version ${version}, so the tag must be v${version}.`];
}

/** npm compares this field with the repository that the workflow runs in, and refuses the package if they differ. */
function repositoryProblems({ stated, repository = 'OWNER/NAME' }) {
  const wanted = `git+https://github.com/${repository}.git`;
  return stated === wanted ? [] : [`the field repository.url of package.json must be ${wanted}.`];
}

function changelogProblems({ changelog, version }) {
  const changes = changesOf({ changelog, version });
  if (changes === null) return [`CHANGELOG.md has no section "## ${version} - <date>".`];
  const left = changesOf({ changelog, version: 'Unreleased' })?.text ?? '';
  return [
    ...(isDay(changes.date)
      ? []
      : [`the heading of ${version} in CHANGELOG.md needs a date: "## ${version} - 2026-12-01".`]),
    ...(changes.text === '' ? [`the section ${version} of CHANGELOG.md is empty.`] : []),
    ...(left === ''
      ? []
      : [`CHANGELOG.md has changes under "Unreleased": move them to ${version}, or leave them out.`]),
  ];
}

function isDay(text) {
  return /^\d{4}-\d{2}-\d{2}$/.test(text ?? '') && new Date(text).toJSON()?.startsWith(text) === true;
}
