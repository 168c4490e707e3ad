import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  fittingDevInstance,
  givenServers,
  readDevInstance,
  removeDevInstance,
  writeDevInstance,
} from '../../src/settings/dev-instance.js';

const instance = {
  pid: process.pid,
  temporalAddress: '127.0.0.1:7233',
  mongodbUri: 'mongodb://127.0.0.1:27117',
  mongodbDatabase: 'callweave',
  webUrl: 'http://127.0.0.1:8233',
  sample: {
    baseUrl: 'http://127.0.0.1:4000',
    token: 'sample',
    networkId: '1',
    credira: { baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'sample' },
  },
};

let parent = '';
let dataDir = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'callweave-dev-'));
  dataDir = join(parent, 'data');
});
afterEach(() => {
  rmSync(parent, { recursive: true });
});

describe('readDevInstance', () => {
  it('gives back what was written, until it is removed', () => {
    expect(readDevInstance({ dataDir })).toBeNull();

    writeDevInstance({ dataDir, instance });
    expect(readDevInstance({ dataDir })).toEqual(instance);

    removeDevInstance({ dataDir });
    removeDevInstance({ dataDir });
    expect(readDevInstance({ dataDir })).toBeNull();
  });

  it('ignores an instance whose process has died', async () => {
    const ended = execa('node', ['--version']);
    await ended;

    writeDevInstance({ dataDir, instance: { ...instance, pid: ended.pid ?? 0 } });

    expect(readDevInstance({ dataDir })).toBeNull();
  });

  it.each(['', '{', '{}', '[]', '{"pid": "1"}'])('ignores a file that says %j', (text) => {
    writeDevInstance({ dataDir, instance });
    writeFileSync(join(dataDir, 'dev.json'), text);

    expect(readDevInstance({ dataDir })).toBeNull();
  });

  it('is readable for its user only, since it may hold a password', () => {
    writeDevInstance({ dataDir, instance });

    expect(statSync(join(dataDir, 'dev.json')).mode & 0o077).toBe(0);
  });
});

describe('fittingDevInstance', () => {
  it.each([
    {},
    { TEMPORAL_ADDRESS: instance.temporalAddress },
    { TEMPORAL_ADDRESS: ' ', MONGODB_URI: instance.mongodbUri },
    { TEMPORAL_NAMESPACE: 'other', MONGODB_DATABASE: 'other' },
  ])('fits if the environment names no other servers: %j', (env) => {
    writeDevInstance({ dataDir, instance });

    expect(fittingDevInstance({ env, dataDir })).toEqual(instance);
  });

  it.each([
    { TEMPORAL_ADDRESS: 'temporal.example:7233' },
    { TEMPORAL_PROFILE: 'production' },
    { MONGODB_URI: 'mongodb://db.example' },
    { MONGODB_URI_FILE: '/run/secrets/mongodb' },
  ])('does not fit %j', (env) => {
    writeDevInstance({ dataDir, instance });

    expect(fittingDevInstance({ env, dataDir })).toBeNull();
  });
});

describe('givenServers', () => {
  it('returns the servers that the environment names', () => {
    expect(givenServers({})).toEqual({ temporal: false, mongodbUri: null });
    expect(givenServers({ TEMPORAL_ADDRESS: 'a:1', MONGODB_URI: 'mongodb://b' })).toEqual({
      temporal: true,
      mongodbUri: 'mongodb://b',
    });
  });
});
