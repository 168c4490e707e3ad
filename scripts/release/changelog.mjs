/** The sections of CHANGELOG.md. A section begins with `## 0.1.0 - 2026-12-01`, or `## Unreleased`. */

/**
 * Returns the section of a version (or of `Unreleased`): `{date, text}`, without its heading. `date` is null if the heading
 * has none. Returns null if there is no such section.
 */
export function changesOf({ changelog, version }) {
  const [, ...sections] = changelog.split(/^## /m);
  for (const section of sections) {
    const [heading, ...lines] = section.split('\n');
    const [name, date = null] = heading.trim().split(' - ');
    if (name === version) return { date, text: lines.join('\n').trim() };
  }
  return null;
}
