/** The embedded servers, in a folder that is removed at the end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { startEmbeddedMongo } from '../../dist/embedded/mongodb.js';
import { startEmbeddedTemporal } from '../../dist/embedded/temporal.js';
import { freePort } from './processes.mjs';

/**
 * Starts Temporal, with its database file as `npm start` has it, and MongoDB. `partitions` is those of a task queue; `say`
 * is told where the servers come from.
 */
export async function startServers({ atEnd, partitions = 1, say = (line) => process.stderr.write(`${line}\n`) }) {
  const folder = await mkdtemp(join(tmpdir(), 'callweave-bench-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  const ports = { port: await freePort(), uiPort: await freePort() };
  const dynamicConfig = {
    'matching.numTaskqueueReadPartitions': partitions,
    'matching.numTaskqueueWritePartitions': partitions,
  };
  const temporal = await startEmbeddedTemporal({ dataDir: folder, ...ports, dynamicConfig, say });
  atEnd(() => temporal.stop());
  const mongo = await startEmbeddedMongo({ dataDir: folder, port: await freePort(), say });
  atEnd(() => mongo.stop());
  const mongoClient = await MongoClient.connect(mongo.uri);
  atEnd(() => mongoClient.close());
  return { folder, temporal, mongo, mongoClient };
}
