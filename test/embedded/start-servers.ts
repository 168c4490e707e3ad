/** A program: starts both servers over the folder it is given, prints their process ids as JSON and stays. */
import { startEmbeddedMongo } from '../../src/embedded/mongodb.js';
import { startEmbeddedTemporal } from '../../src/embedded/temporal.js';

const [dataDir = ''] = process.argv.slice(2);

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

// As the terminal does it, a Ctrl-C goes to the whole process group; the program decides when to stop its servers.
process.on('SIGINT', () => process.stdout.write('interrupted\n'));
const temporal = await startEmbeddedTemporal({ dataDir, say });
const mongodb = await startEmbeddedMongo({ dataDir, say });
process.stdout.write(`${JSON.stringify({ temporal: temporal.pid, mongodb: mongodb.pid })}\n`);
