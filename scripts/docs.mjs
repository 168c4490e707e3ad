// Writes the generated documents: parts of README.md, docs/commands.md, docs/settings.md and .env.example.
// `npm run docs` runs it after the build.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { generateDocs } from '../dist/commands/generate-docs.js';

const root = new URL('../', import.meta.url);

for (const { path, text } of await generateDocs((path) => readFile(new URL(path, root), 'utf8'))) {
  const filepath = fileURLToPath(new URL(path, root));
  const isMarkdown = path.endsWith('.md');
  await writeFile(filepath, isMarkdown ? await format(text, { ...(await resolveConfig(filepath)), filepath }) : text);
}
