// Writes the generated files and the generated parts of documents, for `npm run docs`.
import { readFile, writeFile } from 'node:fs/promises';
import { generateDocs } from './generate-docs.js';

const root = new URL('../../', import.meta.url);

for (const { path, text } of await generateDocs((name) => readFile(new URL(name, root), 'utf8'))) {
  await writeFile(new URL(path, root), text);
}
