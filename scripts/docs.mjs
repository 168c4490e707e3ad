// Rewrites the generated parts of README.md, and .env.example. Run by `npm run docs`, after the build.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { generateDocs } from '../dist/commands/generate-docs.js';

const readmePath = fileURLToPath(new URL('../README.md', import.meta.url));
const envExamplePath = fileURLToPath(new URL('../.env.example', import.meta.url));

const { readme, envExample } = await generateDocs({ readme: await readFile(readmePath, 'utf8') });
await writeFile(readmePath, await format(readme, { ...(await resolveConfig(readmePath)), filepath: readmePath }));
await writeFile(envExamplePath, envExample);
