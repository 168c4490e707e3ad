/** A program that starts both servers in the given folder, prints their process ids as JSON and keeps running. */
import { startEmbeddedMongo } from '../../src/embedded/mongodb.js';
import { startEmbeddedTemporal } from '../../src/embedded/temporal.js';

const [dataDir = ''] = process.argv.slice(2);

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

// A terminal sends a Ctrl-C to the whole process group; the program decides when to stop its servers.
process.on('SIGINT', () => process.stdout.write('interrupted\n'));
const temporal = await startEmbeddedTemporal({ dataDir, say });
const mongodb = await startEmbeddedMongo({ dataDir, say });
process.stdout.write(`${JSON.stringify({ temporal: temporal.pid, mongodb: mongodb.pid })}\n`);
