import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callText } from '../../../src/commands/call/call-text.js';
import { defaultDataDir } from '../../../src/commands/kit/context.js';
import { removeDevInstance, writeDevInstance } from '../../../src/settings/dev-instance.js';
import type { Environment } from '../../../src/settings/read-group.js';
import { aCall, aCorrection, aField, aPostCallEvent, aSignal } from '../../support/a-transaction.js';
import { runCommandLine, type CliRun } from '../../support/run-cli.js';
import { useTestDatabase } from '../../support/test-database.js';

const testDatabase = useTestDatabase();

const CALL_ID = '7F3A-1C9E5B20D4A8';
const START = {
  start_time_utc: Date.UTC(2024, 4, 2, 12, 0),
  calling_phone_number: '775-555-0143',
  destination_phone_number: '775-555-0199',
  duration: 214,
  connect_duration: 181,
  ivr_duration: 33,
};
const ROWS = [
  aCall('3F9A0000-00000001', { ...START, call_result_description_detail: 'In progress' }),
  aCorrection(
    'B00D77E1-0294AC3F',
    {
      of: '3F9A0000-00000001',
      minute: 10,
      corrected_at: '2024-05-02 05:10:00 -07:00',
      ...START,
      call_result_description_detail: 'Paid',
    },
    { nested: [aSignal('Quote', true), aField('utm_medium', 'Search')] },
  ),
  aPostCallEvent('91FE0000-00000002', {
    ...START,
    signal_occurred_at: Date.UTC(2024, 4, 3, 9, 30) / 1000,
    signal_partner_unique_id: 'crm-551',
    revenue: '80.0',
  }),
];
const NO_TRANSCRIPTS = { enabled: false, maxAgeMs: null, delaysMs: [], deadlineMs: 1 };

let cwd = '';
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'callweave-call-'));
  await testDatabase.store.calls.mergeTransactions({
    account: 'invoca',
    transactions: ROWS.map((transaction) => ({ callId: CALL_ID, transaction })),
    transcriptPolicy: NO_TRANSCRIPTS,
    now: () => new Date('2024-05-04T00:00:00Z'),
  });
});
afterAll(() => {
  rmSync(cwd, { recursive: true });
});

function callShow(args: readonly string[], env: Environment = {}): Promise<CliRun> {
  const { uri, database } = testDatabase;
  const servers = { MONGODB_URI: uri, MONGODB_DATABASE: database };
  return runCommandLine({ argv: ['call', 'show', ...args], env: { ...servers, ...env }, cwd });
}

describe('callweave call show', () => {
  it('shows the merged call and its story', async () => {
    const run = await callShow([CALL_ID]);

    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.stdout).toBe(`Call 7F3A-1C9E5B20D4A8 (account invoca)

Started   2024-05-02 12:00:00 UTC
Duration  3m 34s (connected 3m 1s, IVR 33s)
From      775-555-0143
To        775-555-0199
Result    Paid
Revenue   80.0
Revision  1, changed 2024-05-04 00:00:00 UTC

Signals
  Quote  yes (AI)

Custom data
  utm_medium  Search (Api)

Legs
  B00D77E1-0294AC3F: 3m 34s, originally 3F9A0000-00000001

Events
  91FE0000-00000002: post call event, crm-551, 2024-05-03 09:30:00 UTC, revenue 80.0

Transcript
  off, transcripts are turned off for this account

Story (3 transactions)
  1. 2024-05-02 12:00:00 UTC  3F9A0000-00000001  call
       startedAt: 2024-05-02 12:00:00 UTC
       durationSeconds: 214
       connectSeconds: 181
       ivrSeconds: 33
       from: 775-555-0143
       to: 775-555-0199
       result: In progress
       legs: 0 -> 1
  2. 2024-05-02 12:10:00 UTC  B00D77E1-0294AC3F  correction of 3F9A0000-00000001 (call)
       result: In progress -> Paid
       signals.Quote: true
       customData.utm_medium: Search
  3. 2024-05-03 09:30:00 UTC  91FE0000-00000002  post call event
       revenue: 80.0
       events: 0 -> 1
`);
  });

  it('escapes text of other people, shows each value on one line, and prints it unchanged as JSON', async () => {
    const hostile = '\x1b]0;t\x07\u202e\r\nRevenue   999';
    const account = 'hostile';
    const row = aCall(
      'H-1',
      { ...START, call_result_description_detail: hostile, destination_phone_number: hostile },
      { nested: [aSignal(hostile, true), aField(hostile, hostile)] },
    );
    await testDatabase.store.calls.mergeTransactions({
      account,
      transactions: [{ callId: 'HOSTILE', transaction: row }],
      transcriptPolicy: NO_TRANSCRIPTS,
      now: () => new Date('2024-05-04T00:00:00Z'),
    });
    const spoken = { 'transcript.text': `agent: Hello\r\ncaller: ${hostile}` };
    await testDatabase.db.collection('calls').updateOne({ callId: 'HOSTILE' }, { $set: spoken });

    const { stdout } = await callShow(['HOSTILE']);

    expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(stdout).not.toMatch(/^Revenue/m);
    expect(stdout).toContain('Result    \\u{1b}]0;t\\u{7}\\u{202e}\\u{d}\\u{a}Revenue   999\n');
    expect(stdout).toContain('\n  agent: Hello\n  caller: \\u{1b}]0;t\\u{7}\\u{202e}\n  Revenue   999\n');
    const json = (await callShow(['HOSTILE', '--json'])).stdout;
    expect(JSON.parse(json)).toMatchObject({
      call: { result: hostile, customData: [{ name: hostile, value: hostile }] },
    });
  });

  it('finds a call by the id of any of its transactions, and prints the whole document as JSON', async () => {
    const run = await callShow(['3F9A0000-00000001', '--json']);

    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toMatchObject({
      call: {
        _id: `invoca:${CALL_ID}`,
        callId: CALL_ID,
        startedAt: '2024-05-02T12:00:00.000Z',
        result: 'Paid',
        revenue: '80.0',
        transcript: { status: 'off' },
        transactions: [{}, {}, {}],
      },
      story: [
        { transactionId: '3F9A0000-00000001', kind: 'call', corrects: null },
        { transactionId: 'B00D77E1-0294AC3F', kind: 'call', corrects: '3F9A0000-00000001' },
        { transactionId: '91FE0000-00000002', kind: 'post_call_event', corrects: null },
      ],
    });
  });

  it('searches only the account of --account', async () => {
    const account = { INVOCA_BASE_URL: 'https://acme.invoca.net', INVOCA_ID: '1', INVOCA_TOKEN: 't' };

    expect(await callShow([CALL_ID, '--account', 'invoca'], account)).toMatchObject({ exitCode: 0 });
    expect(await callShow([CALL_ID, '--account', 'other'], { ...account, INVOCA_ACCOUNT: 'other' })).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `error: no call in the account other has the id ${CALL_ID} or a transaction with this id\n`,
    });
    expect(await callShow([CALL_ID, '--account', 'nobody'], account)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'error: no suitable account is named "nobody": choose one of invoca\n',
    });
  });

  it('fails with 1 if there is no such call', async () => {
    expect(await callShow(['nothing', '--json'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'error: no call has the id nothing or a transaction with this id\n',
    });
  });

  it('names what to do if no MongoDB answers', async () => {
    const run = await callShow([CALL_ID], { MONGODB_URI: 'mongodb://127.0.0.1:1' });

    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(run.stderr).toMatch(
      /^error: cannot use MongoDB: check MONGODB_URI, or start a server with `callweave dev`\n/,
    );
  });

  it('reports that the callweave dev of the folder has died', async () => {
    const { uri, database } = testDatabase;
    const credira = { baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'k' };
    const sample = { baseUrl: 'http://127.0.0.1:1', token: 't', networkId: '1', credira };
    // No process has this number: it is larger than any that a system assigns.
    const instance = {
      pid: 2 ** 30,
      temporalAddress: '127.0.0.1:1',
      mongodbUri: 'mongodb://127.0.0.1:1',
      mongodbDatabase: database,
      webUrl: null,
      sample,
    };
    writeDevInstance({ dataDir: defaultDataDir(cwd), instance });

    const env = { MONGODB_URI: uri, MONGODB_DATABASE: database };
    const found = await runCommandLine({ argv: ['call', 'show', CALL_ID], env, cwd });

    expect(found).toMatchObject({ exitCode: 0 });
    expect(found.stderr).toContain('has died; using the servers of the settings');
  });

  it('uses the servers and the sample account of a running callweave dev', async () => {
    const { uri, database } = testDatabase;
    const dataDir = defaultDataDir(cwd);
    const credira = { baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'k' };
    const sample = { baseUrl: 'http://127.0.0.1:1', token: 't', networkId: '1', credira };
    const instance = {
      pid: process.pid,
      temporalAddress: '127.0.0.1:1',
      mongodbUri: uri,
      mongodbDatabase: database,
      webUrl: null,
      sample,
    };
    writeDevInstance({ dataDir, instance });

    const argv = ['call', 'show', CALL_ID];
    const env = { MONGODB_DATABASE: database };
    const found = await runCommandLine({ argv, env, cwd });
    const inSample = await runCommandLine({ argv: [...argv, '--account', 'sample'], env, cwd });
    removeDevInstance({ dataDir });

    const remark = `using the servers of the running \`callweave dev\` (pid ${process.pid})\n`;
    expect(found).toMatchObject({ exitCode: 0, stderr: remark });
    expect(inSample).toMatchObject({ exitCode: 1 });
    expect(inSample.stderr).toContain('no call in the account sample');
  });
});

describe('callText', () => {
  it('shows a transcript turn by turn, and leaves out empty parts', async () => {
    const call = await testDatabase.store.calls.find({ id: CALL_ID, account: null });
    if (call === null) throw new Error('the call is stored');
    const transcript = {
      ...call.transcript,
      status: 'available' as const,
      attempts: 2,
      reason: null,
      text: 'agent: Hello\ncaller: Hi',
      turns: [
        { speaker: 'agent', text: 'Hello' },
        { speaker: 'caller', text: 'Hi' },
      ],
    };

    const text = callText({ source: 'invoca', call: { ...call, signals: [], events: [], transcript }, story: [] });

    expect(text).toContain('Transcript\n  available, 2 looks so far\n  agent: Hello\n  caller: Hi');
    expect(text).not.toMatch(/^Signals|^Events|^Story \(1/m);
  });
});
