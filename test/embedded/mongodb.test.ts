import { readdir } from 'node:fs/promises';
import { MongoClient, type Collection } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startEmbeddedMongo, type EmbeddedMongo } from '../../src/embedded/mongodb.js';
import { putOnPath } from '../support/on-path.js';
import { oddlyNamedFolder, temporaryFolder } from '../support/temporary-folder.js';

async function start(dataDir: string, say: (line: string) => void = () => undefined): Promise<EmbeddedMongo> {
  const mongodb = await startEmbeddedMongo({ dataDir, say });
  onTestFinished(() => mongodb.stop());
  return mongodb;
}

async function things({ uri }: EmbeddedMongo): Promise<Collection<{ _id: number }>> {
  const client = new MongoClient(uri, { writeConcern: { w: 'majority' } });
  onTestFinished(() => client.close());
  await client.connect();
  return client.db('embedded').collection('things');
}

describe('startEmbeddedMongo', () => {
  it('keeps its documents in its data folder across a restart, whatever the folder is called', async () => {
    const dataDir = await oddlyNamedFolder();
    const first = await start(dataDir);
    await (await things(first)).insertOne({ _id: 1 });
    await first.stop();
    expect(await readdir(dataDir)).toEqual(['logs', 'mongodb']);

    const second = await start(dataDir);

    expect(await (await things(second)).countDocuments()).toBe(1);
  });

  it('loses no acknowledged write to a SIGKILL of the server', async () => {
    const dataDir = await temporaryFolder();
    const first = await start(dataDir);
    const collection = await things(first);
    for (let id = 0; id < 200; id += 1) await collection.insertOne({ _id: id });
    process.kill(first.pid, 'SIGKILL');
    expect((await first.ended)?.message).toContain('The mongodb server ended by itself (SIGKILL)');
    await first.stop();

    const second = await start(dataDir);

    expect(await (await things(second)).countDocuments()).toBe(200);
  });

  it('reports which server it is, loudly if it is a stand-in', async () => {
    const lines: string[] = [];

    const { kind } = await start(await temporaryFolder(), (line) => lines.push(line));

    expect(lines.some((line) => line.includes('THIS IS A STAND-IN'))).toBe(kind === 'secantusd-rs');
  });

  it('refuses a second server in the same folder and process', async () => {
    const dataDir = await temporaryFolder();
    await start(dataDir);

    await expect(start(dataDir)).rejects.toThrow(`process ${String(process.pid)} already runs one there`);
  });

  it.each([
    ['v4.2.24', 'Cannot use "mongod" from PATH (db version v4.2.24): callweave needs MongoDB 4.4 or newer.'],
    ['v4.4.0', 'The mongodb server ended by itself'],
    ['v10.0.1', 'The mongodb server ended by itself'],
  ])('starts a mongod from PATH unless it is too old: %s', async (version, trouble) => {
    await putOnPath('mongod', `echo 'db version ${version}'`);

    await expect(start(await temporaryFolder())).rejects.toThrow(trouble);
  });
});
