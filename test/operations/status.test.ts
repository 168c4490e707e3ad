import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApiActivities } from '../../src/activities/api-activities.js';
import type { Attention, AttentionCode } from '../../src/domain/alerts/attention.js';
import { applyToAccounts, planForAccounts } from '../../src/operations/schedules.js';
import { alertsAttention } from '../../src/operations/alerts/alerts-attention.js';
import { readStatus } from '../../src/operations/status.js';
import { answerWith, resetMidBody } from '../../src/sample/faults.js';
import { sampleAccount, sampleAccounts } from '../../src/settings/sample-account.js';
import type { Account, InvocaAccount } from '../../src/settings/accounts.js';
import { pastPolls } from '../../src/temporal/runs/past-runs.js';
import { pauseBackfill, resumeBackfill, startBackfill } from '../../src/temporal/runs/backfills.js';
import { listOwnSchedules } from '../../src/temporal/schedules/own-schedules.js';
import { startRefresh } from '../../src/temporal/runs/repairs.js';
import { pauseSchedule, removeSchedule, resumeSchedule } from '../../src/temporal/schedules/schedule-operations.js';
import { applySchedules } from '../../src/temporal/schedules/schedules.js';
import { ALERTS, apiTaskQueue, DRAIN, searchAttributesOf, WORKFLOW_TASK_QUEUE } from '../../src/workflows/ids.js';
import { holdAnswers, tenDays } from '../support/backfills.js';
import { callDocuments, insertCalls } from '../support/pending-calls.js';
import { startDrainWorld } from '../support/drain-world.js';
import { minimalRows } from '../support/fake-invoca.js';
import { fixedRates } from '../support/request-rates.js';
import { useTestNamespace } from '../support/temporal-namespace.js';
import { useTestDatabase } from '../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
/** A namespace without a worker, whose schedules are all of one test. */
const quiet = useTestNamespace();

const nowhere = { baseUrl: 'http://127.0.0.1:1', token: 'none', networkId: '1' };
const POLL_SECONDS = 10;

function accountNamed(name: string, changes: Partial<InvocaAccount> = {}): InvocaAccount {
  const sample = sampleAccount(nowhere);
  const transcripts = { ...sample.transcripts, enabled: false };
  return { ...sample, name, transcripts, reconcileDays: 0, pollIntervalMs: POLL_SECONDS * 1_000, ...changes };
}

function newName(): string {
  return `a-${randomUUID().slice(0, 8)}`;
}

interface Asked {
  readonly account: Account;
  readonly client?: Client;
  readonly secondsLater?: number;
}

async function attentionTo({ account, client = servers.temporal.client, secondsLater = 0 }: Asked) {
  const now = new Date(Date.now() + secondsLater * 1_000);
  const { store } = servers.mongodb;
  const report = await readStatus({ accounts: [account], shown: [account], client, store, now });
  return report.attention.filter((entry) => entry.account === account.name);
}

async function statusOf(account: Account, client: Client) {
  const { store } = servers.mongodb;
  return (await readStatus({ accounts: [account], shown: [account], client, store, now: new Date() })).statuses[0];
}

async function entry(code: AttentionCode, asked: Asked): Promise<Attention | undefined> {
  return (await attentionTo(asked)).find((raised) => raised.code === code);
}

function untilRaised(code: AttentionCode, asked: Asked) {
  return expect.poll(async () => (await entry(code, asked))?.message ?? null, { timeout: 20_000 });
}

/** Runs, until the test ends, a worker that only makes an account's requests and has no settings for the account. */
async function pollApiQueue(account: string): Promise<void> {
  const nothing = { feeds: new Map(), invoices: new Map(), transcripts: new Map() };
  const { store } = servers.mongodb;
  const worker = await Worker.create({
    connection: servers.temporal.connection,
    namespace: servers.temporal.namespace,
    taskQueue: apiTaskQueue(account),
    activities: createApiActivities({ ...nothing, store, rates: fixedRates, now: () => new Date() }),
  });
  const run = worker.run();
  onTestFinished(async () => {
    worker.shutdown();
    await run;
  });
}

describe('what needs a person', { timeout: 60_000 }, () => {
  it('late: shows a first drain without an answer, with the reason, until an answer comes', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(3) } });
    const account = accountNamed(world.account);
    world.invoca.plan({ answer: resetMidBody() });
    const held = holdAnswers(world, { times: 1 });
    const later = { account, secondsLater: 3 * POLL_SECONDS + 30 };

    const drain = await world.startDrain();
    await held.waitFor(1);

    await untilRaised('late', later).toMatch(
      /never caught up since the first attempt at .*: GET .* was interrupted \(ECONNRESET\)/,
    );
    expect(await entry('late', { account })).toBeUndefined();
    held.release();
    await drain.result();
    expect(await servers.mongodb.store.outages.read(account.name)).toBeNull();
    await expect
      .poll(() => attentionTo({ account }).then((all) => all.map(({ code }) => code)))
      .toEqual(['schedule-missing']);
    expect((await entry('late', later))?.message).toContain('not caught up since');
  });

  it('late: counts from the start of the oldest running drain, even if another began later', async () => {
    const { client } = quiet;
    const account = accountNamed(newName());
    const start = async (workflowId: string): Promise<Date> => {
      const search = { typedSearchAttributes: searchAttributesOf({ account: account.name, mode: 'live' }) };
      const handle = await client.workflow.start('drain', { workflowId, taskQueue: WORKFLOW_TASK_QUEUE, ...search });
      return (await handle.describe()).startTime;
    };
    const oldest = await start(`drain/${account.name}`);
    await start(`drain/${account.name}-again`);

    const asked = { account, client, secondsLater: 3 * POLL_SECONDS + 30 };
    await expect.poll(async () => (await entry('late', asked))?.since).toEqual(oldest);
    await expect
      .poll(() => statusOf(account, client))
      .toMatchObject({ firstAttemptAt: oldest, lastDrain: { workflowId: `drain/${account.name}-again` } });
  });

  it('shows what webhooks brought', async () => {
    const account = accountNamed(newName());
    const { client } = quiet;
    const { store } = servers.mongodb;
    const nudges = async () => (await statusOf(account, client))?.nudges;
    const none = { received: 0, read: 0, dropped: 0, notShown: 0, failed: 0, lastAt: null };
    expect(await nudges()).toEqual(none);

    const lastAt = '2025-06-09T12:00:00.000Z';
    const news = { received: 2, read: 1, dropped: 0, notShown: 1, failed: 0, missed: 1 };
    await store.nudges.add({ account: account.name, writer: 'run', number: 1, news, lastAt });
    expect(await nudges()).toEqual({ ...none, received: 2, read: 1, notShown: 1, lastAt: new Date(lastAt) });
  });

  it('drain-failed: stays until a drain completes, even while another one runs', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(1) } });
    const account = accountNamed(world.account);
    world.invoca.plan({ answer: answerWith({ status: 401 }) });
    await expect((await world.startDrain()).result()).rejects.toThrow();
    await untilRaised('drain-failed', { account }).toMatch(/the last drain failed: .*401.*token/);
    const held = holdAnswers(world, { times: 1 });
    const next = await world.startDrain();
    await held.waitFor(1);

    expect((await entry('drain-failed', { account }))?.since).toBeInstanceOf(Date);
    held.release();
    await next.result();
    await untilRaised('drain-failed', { account }).toBeNull();
  });

  it('stuck-run: names the run, the failure and what to do, until the run ends', async () => {
    const world = await startDrainWorld({ servers, invoca: {} });
    const account = accountNamed(world.account);
    const { client } = servers.temporal;
    // The runs look as if another build had started them.
    const start = (type: string, workflowId: string, attributes: Parameters<typeof searchAttributesOf>[0]) =>
      client.workflow.start(type, {
        workflowId,
        taskQueue: WORKFLOW_TASK_QUEUE,
        workflowTaskTimeout: '1 second',
        typedSearchAttributes: searchAttributesOf(attributes),
      });
    const ofAlerts = await start('alertsTwice', 'alerts-twice', { account: null, mode: ALERTS.mode });
    const ofAccount = { account: account.name, mode: 'verify' } as const;
    const handle = await start('verifyTwice', `verify/${account.name}/twice`, ofAccount);

    await untilRaised('stuck-run', { account }).toMatch(
      new RegExp(`^verify/${account.name}/twice .*'verifyTwice'.*temporal workflow terminate`),
    );
    expect((await entry('stuck-run', { account }))?.since).toBeInstanceOf(Date);
    await handle.terminate();
    await untilRaised('stuck-run', { account }).toBeNull();

    const alertsRaised = async () => {
      const attention = await alertsAttention({ client, store: servers.mongodb.store });
      return attention.filter(({ code }) => code === 'stuck-run').map(({ message }) => message);
    };
    await expect.poll(alertsRaised).toEqual([expect.stringMatching(/^alerts-twice .*'alertsTwice'/)]);
    await ofAlerts.terminate();
    await expect.poll(alertsRaised).toEqual([]);
  });

  it('schedule-missing, schedule-paused, no-worker', async () => {
    const { client } = quiet;
    const account = accountNamed(newName(), { pollIntervalMs: 3_600_000 });
    const codes = async () => (await attentionTo({ account, client })).map(({ code }) => code);
    expect(await codes()).toEqual(['no-worker', 'schedule-missing']);

    await applySchedules(client, account);
    expect(await codes()).toEqual(['no-worker']);
    await pauseSchedule(client, `drain/${account.name}`, 'maintenance');
    // The list of schedules follows a change after a moment.
    await expect.poll(codes).toEqual(['no-worker', 'schedule-paused']);
    expect((await entry('schedule-paused', { account, client }))?.message).toContain('maintenance');
    await resumeSchedule(client, `drain/${account.name}`, 'done');
    await expect.poll(codes).toEqual(['no-worker']);
    await removeSchedule(client, `drain/${account.name}`);
    await expect.poll(codes).toEqual(['no-worker', 'schedule-missing']);
  });

  it('no-worker: tasks wait in a queue without a poller, until one starts', async () => {
    const { client } = servers.temporal;
    const other = await startDrainWorld({ servers, invoca: {} });
    const account = accountNamed(newName());
    await untilRaised('no-worker', { account: accountNamed(other.account) }).toBeNull();

    const { handle } = await startRefresh(client, { account: account.name, source: 'invoca', id: 'C', idOf: 'call' });
    await untilRaised('no-worker', { account }).toMatch(new RegExp(`^1 tasks? .*callweave-api-${account.name}`));
    await pollApiQueue(account.name);
    await untilRaised('no-worker', { account }).toBeNull();
    await handle.terminate();
  });

  it('backfill-paused and backfill-failed: stay until it is resumed, and until its days are backfilled again', async () => {
    const { client } = servers.temporal;
    const world = await startDrainWorld({
      servers,
      invoca: { rows: [], timeZone: 'UTC' },
      feed: { timeZone: 'UTC' },
    });
    const account = accountNamed(world.account, { timeZone: 'UTC' });
    const held = holdAnswers(world, { times: 1 });
    const days = tenDays(account.name, { to: '2024-05-01' });
    const { handle } = await startBackfill(client, days);
    await held.waitFor(1);
    await pauseBackfill(client, handle.workflowId);
    await untilRaised('backfill-paused', { account }).toContain(`backfill resume ${handle.workflowId}`);
    world.invoca.plan({ answer: answerWith({ status: 403 }) });
    await resumeBackfill(client, handle.workflowId);
    expect(await entry('backfill-paused', { account })).toBeUndefined();
    held.release();
    await handle.result();

    await expect((await startBackfill(client, days)).handle.result()).rejects.toThrow();
    await untilRaised('backfill-failed', { account }).toContain('403');
    await (await startBackfill(client, { ...days, to: '2024-05-02' })).handle.result();
    await untilRaised('backfill-failed', { account }).toBeNull();
  });

  it('transcripts-paused, transcripts-unreadable, amounts-unreadable, time-zone, platform-time-zone, rejects: follow from stored facts', async () => {
    const { store } = servers.mongodb;
    const account = accountNamed(newName(), { timeZone: 'UTC' });
    const { name } = account;
    const codes = async (changes: Partial<InvocaAccount> = {}) => {
      const raised = await attentionTo({ account: { ...account, ...changes } });
      return raised.map(({ code }) => code).filter((code) => code !== 'schedule-missing' && code !== 'no-worker');
    };
    expect(await codes()).toEqual([]);

    const reject = { reason: 'no id', transactionId: null, raw: '{}' } as const;
    await store.rejects.record({ account: name, origin: 'p', rejects: [reject], seenAt: new Date() });
    const verdict = { startedAt: new Date(), disagrees: true, transactionId: '1-0000' };
    const verdicts = {
      'time-zone': { ...verdict, statedOffset: '-07:00', expectedOffset: '+00:00' },
      'platform-time-zone': { ...verdict, statedOffset: '-06:00', expectedOffset: '-07:00' },
    };
    await store.limits.noteZones({ account: name, timeZone: 'UTC', verdicts, now: new Date() });
    // The merge and the looks store a call with an unreadable amount and transcript in this form.
    await servers.mongodb.db.collection<{ _id: string }>('calls').insertOne({
      _id: `${name}:C`,
      ...{ account: name, callId: 'C', provenance: { unreadableAmounts: 2 } },
      ...{ transcript: { status: 'available', reason: 'unknown-shape', fetchedAt: new Date() } },
    });
    const until = new Date(Date.now() + 3_600_000);
    await store.limits.holdTranscripts({ account: name, until, reason: 'the source refused it with 401' });
    expect(await codes()).toEqual([
      'transcripts-paused',
      'transcripts-unreadable',
      'amounts-unreadable',
      'time-zone',
      'platform-time-zone',
      'rejects',
    ]);

    await store.rejects.remove((await store.rejects.list(name)).map(({ id }) => id));
    await store.limits.endTranscriptsHold(name);
    await servers.mongodb.db.collection('calls').deleteMany({ account: name });
    expect(await codes({ timeZone: 'America/Los_Angeles' })).toEqual([]);

    const refusal = { account: name, lane: 'old', now: new Date(), holdAfter: 1, holdMs: 3_600_000 } as const;
    await store.limits.noteForbidden(refusal);
    expect(await codes({ timeZone: 'America/Los_Angeles' })).toEqual(['transcripts-paused']);
    await store.limits.endLaneHolds(name);
    expect(await codes({ timeZone: 'America/Los_Angeles' })).toEqual([]);
  });
});

describe('the status of several accounts', { timeout: 60_000 }, () => {
  it('keeps apart their runs, failures, backfills, schedules, stored facts and waits', async () => {
    const { client } = servers.temporal;
    const { store } = servers.mongodb;
    const held = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(1), timeZone: 'UTC' },
      feed: { timeZone: 'UTC' },
    });
    const [first, second, third] = [accountNamed(newName()), accountNamed(held.account), accountNamed(newName())];
    const read = () =>
      readStatus({ accounts: [first, second], shown: [first, second, third], client, store, now: new Date() });

    const typedSearchAttributes = searchAttributesOf({ account: first.name, mode: 'live' });
    const failed = await client.workflow.start('drain', {
      ...{ workflowId: `drain/${first.name}`, taskQueue: 'nobody', typedSearchAttributes },
    });
    await failed.terminate('by the test');
    await insertCalls(servers.mongodb.db, [callDocuments(first.name)('C1'), callDocuments(first.name)('C2')]);
    held.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '600' } }) });
    const drain = await held.startDrain();
    await expect.poll(() => store.limits.read(second.name), { timeout: 20_000 }).not.toBeNull();
    // After the answer, which ends an outage.
    await store.outages.note({ account: second.name, at: new Date(), reason: 'reset' });
    await applySchedules(client, second);
    const { handle } = await startBackfill(client, tenDays(second.name, { to: '2024-05-01' }));
    await store.nudges.add({
      ...{ account: third.name, writer: 'run', number: 1, lastAt: null },
      news: { received: 7, read: 0, dropped: 0, notShown: 0, failed: 0, missed: 0 },
    });

    await expect
      .poll(async () => (await read()).statuses[1]?.waits.map(({ what }) => what), { timeout: 20_000 })
      .toEqual(['requests', drain.workflowId, handle.workflowId]);
    const { statuses, attention } = await read();
    expect(statuses.map(({ account }) => account)).toEqual([first.name, second.name, third.name]);
    const worked = { state: 'failed', workflowId: `drain/${first.name}` };
    expect(statuses[0]).toMatchObject({ calls: 2, outage: null, backfills: [], waits: [], lastDrain: worked });
    expect(statuses[0]?.failedDrains?.failure).toBe('by the test');
    expect(statuses[1]).toMatchObject({
      ...{ calls: 0, outage: { reason: 'reset' }, failedDrains: null, lastDrain: { state: 'running' } },
      backfills: [{ workflowId: handle.workflowId, state: 'running' }],
      schedules: [{ scheduleId: `drain/${second.name}`, state: 'active', intervalMs: POLL_SECONDS * 1_000 }],
    });
    const { holdUntil } = (await store.limits.read(second.name)) ?? {};
    for (const wait of statuses[1]?.waits ?? []) expect(wait).toMatchObject({ until: holdUntil, reason: /429/ });
    expect(statuses[2]).toMatchObject({ calls: 0, lastDrain: null, failedDrains: null, nudges: { received: 7 } });
    const queues = statuses.map(({ workers }) => workers.map(({ taskQueue }) => taskQueue));
    expect(queues).toEqual([first, second, third].map(({ name }) => [WORKFLOW_TASK_QUEUE, apiTaskQueue(name)]));
    expect(attention.filter(({ code }) => code === 'drain-failed').map(({ account }) => account)).toEqual([first.name]);
    await Promise.all([drain.terminate(), handle.terminate()]);
  });

  it('looks account by account for runs that many runs of others hide', async () => {
    const { client } = quiet;
    const [rare, busy] = [newName(), newName()];
    const start = async (account: string, number: number) => {
      const typedSearchAttributes = searchAttributesOf({ account, mode: 'live' });
      const workflowId = `drain/${account}-${number}`;
      const handle = await client.workflow.start('drain', { workflowId, taskQueue: 'nobody', typedSearchAttributes });
      await handle.terminate('for the test');
    };
    await start(rare, 1);
    for (let number = 1; number <= 5; number += 1) await start(busy, number);
    const polls = [rare, busy].map((account) => ({ account, workflow: DRAIN }));
    const found = async () => {
      const past = await pastPolls(client, polls, 3);
      return polls.map(({ account }) => [past.get(account)?.last?.workflowId, past.get(account)?.failed?.workflowId]);
    };

    await expect.poll(found, { timeout: 20_000 }).toEqual([
      [`drain/${rare}-1`, `drain/${rare}-1`],
      [`drain/${busy}-5`, `drain/${busy}-5`],
    ]);
  });
});

describe('schedules of accounts that are not in the settings', { timeout: 60_000 }, () => {
  it('unknown-schedules: names them until they are pruned; schedules of other programs stay', async () => {
    const { client } = quiet;
    const account = accountNamed('renamed');
    const sample = sampleAccounts({ ...nowhere, credira: { baseUrl: nowhere.baseUrl, apiKey: 'none' } });
    for (const left of [accountNamed('before'), ...sample]) await applySchedules(client, left);
    const foreign = [
      // Another program's schedules may share the namespace and have similar attributes and names.
      { scheduleId: 'nightly-report', workflowType: 'report', account: 'before' },
      { scheduleId: 'drain/pool', workflowType: 'drain', account: null },
      { scheduleId: 'drain/before-2', workflowType: 'report', account: 'before-2' },
    ];
    for (const { scheduleId, workflowType, account: name } of foreign) {
      await client.schedule.create({
        scheduleId,
        spec: { intervals: [{ every: '1 day' }] },
        action: { type: 'startWorkflow', workflowType, taskQueue: 'elsewhere' },
        ...(name !== null && { typedSearchAttributes: searchAttributesOf({ account: name, mode: DRAIN.mode }) }),
      });
    }
    const ids = async () => (await listOwnSchedules(client)).map(({ scheduleId }) => scheduleId);
    const left = [
      'drain/before',
      'drain/sample',
      'invoices/sample-credira',
      'reconcile/sample',
      'transcripts/sample',
      'transcripts/sample-credira',
    ];
    await expect.poll(ids, { timeout: 20_000 }).toEqual(left);

    const of = { client, accounts: [account], chosen: [account] };
    const applied = await applyToAccounts({ ...of, prune: false });
    expect(applied.unknown.map(({ scheduleId }) => scheduleId)).toEqual(left);
    const { attention } = await readStatus({ ...of, shown: [account], store: servers.mongodb.store, now: new Date() });
    expect(attention[0]).toMatchObject({ account: null, code: 'unknown-schedules' });
    for (const id of left) expect(attention[0]?.message).toContain(id);
    const planned = await planForAccounts({ ...of, prune: true });
    expect(planned.results.map(({ scheduleId, action }) => `${action} ${scheduleId}`)).toEqual([
      'none drain/renamed',
      ...left.map((id) => `remove ${id}`),
    ]);

    const pruned = await applyToAccounts({ ...of, prune: true });

    expect(pruned.results.map(({ scheduleId, action }) => `${action} ${scheduleId}`)).toEqual([
      'updated drain/renamed',
      ...left.map((id) => `removed ${id}`),
    ]);
    await expect.poll(ids, { timeout: 20_000 }).toEqual(['drain/renamed']);
    const rest: string[] = [];
    for await (const { scheduleId } of client.schedule.list()) rest.push(scheduleId);
    expect(rest.sort()).toEqual(['drain/before-2', 'drain/pool', 'drain/renamed', 'nightly-report']);
  });

  it('are left alone by a dry run, which only lists the differences', async () => {
    const { client } = quiet;
    const name = newName();
    const account = accountNamed(name, { reconcileDays: 3, timeZone: 'Europe/Berlin' });
    const planFor = async (changed: InvocaAccount) =>
      (await planForAccounts({ client, accounts: [changed], chosen: [changed], prune: false })).results;
    expect(await planFor(account)).toEqual([
      {
        scheduleId: `drain/${name}`,
        action: 'create',
        changes: [expect.stringMatching(/^times: none -> \["every 10 s, \d+ s after"\]$/)],
      },
      {
        scheduleId: `reconcile/${name}`,
        action: 'create',
        changes: [expect.stringMatching(/^times: none -> \["daily at 3:\d\d:\d\d in Europe\/Berlin"\]$/)],
      },
    ]);

    await applySchedules(client, account);
    expect((await planFor(account)).map(({ action }) => action)).toEqual(['none', 'none']);

    await expect.poll(() => listOwnSchedules(client, name)).toHaveLength(2);
    const changed = accountNamed(name, { reconcileDays: 0, pollIntervalMs: 600_000 });
    expect(await planFor(changed)).toEqual([
      {
        scheduleId: `drain/${name}`,
        action: 'update',
        changes: [expect.stringMatching(/^times: \["every 10 s, \d+ s after"\] -> \["every 600 s, \d+ s after"\]$/)],
      },
      { scheduleId: `reconcile/${name}`, action: 'remove', changes: [] },
    ]);
    const zoned = accountNamed(name, { reconcileDays: 4, timeZone: 'Europe/London' });
    expect((await planFor(zoned))[1]?.changes).toEqual([
      expect.stringMatching(/^times: .*in Europe\/Berlin.* -> .*in Europe\/London/),
      expect.stringMatching(/^starts\.args: .*"days":3.* -> .*"days":4/),
    ]);
    expect((await planFor(account)).map(({ action }) => action)).toEqual(['none', 'none']);
  });
});
