/** Tries the server of MONGODB_URI, if it is set. Ends with 1 and says why if the tests cannot run on it. */
import { readTestServer, tryOutsideMongo } from './outside-mongodb.js';

const server = readTestServer(process.env);
try {
  if (server !== null) await tryOutsideMongo(server);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
