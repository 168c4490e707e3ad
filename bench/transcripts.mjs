/**
 * Measures the cost of a look for a transcript from its claim to the written document, and compares it with a loop of
 * trivial child workflows (one activity each, which does nothing) on the same server, before and after it.
 *
 * `--calls N`: calls whose transcripts are ready (2,000). `--children N`: looks in flight (50). `--analysis`: the
 * account has the analysis, so that a look is two requests. `--in-memory`: Temporal without its database file.
 * `--trivial N`: children of each bare loop (500).
 *
 * The servers are the embedded ones, the worker is the production entry, the API is the fake one without a delay.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startTranscripts } from '../dist/temporal/runs/account-workflows.js';
import { withClient } from '../dist/temporal/server/connect.js';
import { transcriptWorkflowId } from '../dist/workflows/ids.js';
import { ACCOUNT, callIdOf, startWorld, TRIVIAL_QUEUE } from './support/transcripts-world.mjs';

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      calls: { type: 'string', default: '2000' },
      children: { type: 'string', default: '50' },
      trivial: { type: 'string', default: '500' },
      analysis: { type: 'boolean', default: false },
      'in-memory': { type: 'boolean', default: false },
    },
  });
  const [calls, children, trivial] = [values.calls, values.children, values.trivial].map(Number);
  const cleanups = [];
  try {
    const world = await startWorld({
      cleanups,
      calls,
      children,
      hasAnalysis: values.analysis,
      inMemory: values['in-memory'],
    });
    await withClient(world.temporal.address, (client) => measure({ ...world, client, calls, children, trivial }));
  } finally {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  }
}

async function measure(world) {
  const before = await runTrivialChildren(world, 'before');
  const looks = await runTranscripts(world);
  const after = await runTrivialChildren(world, 'after');
  const trivialPerSecond = (before.perSecond + after.perSecond) / 2;
  say(`trivial children  ${before.perSecond.toFixed(1)}/s before, ${after.perSecond.toFixed(1)}/s after`);
  say(`                  CPU of each: worker ${cpu(before.workerCpuMs)}, server ${cpu(before.serverCpuMs)}`);
  say(`looks             ${looks.perSecond.toFixed(1)}/s, ratio ${(looks.perSecond / trivialPerSecond).toFixed(2)}`);
  say(`                  CPU of each: worker ${cpu(looks.workerCpuMs)}, server ${cpu(looks.serverCpuMs)}`);
  say(`history events    ${looks.childEvents} in the child, ${looks.dispatcherEvents.toFixed(1)} in its dispatcher`);
  say(`load average      ${loadavg()[0].toFixed(1)} at the end`);
}

async function runTrivialChildren({ client, trivialWorker, temporal, trivial: count, children: size }, name) {
  const processes = { worker: trivialWorker.pid, server: temporal.pid };
  return costs({ count, processes }, () =>
    client.workflow.execute('trivialChildren', {
      args: [{ count, size }],
      workflowId: `trivial-${name}`,
      taskQueue: TRIVIAL_QUEUE,
    }),
  );
}

async function runTranscripts({ client, worker, temporal, calls }) {
  let started;
  const processes = { worker: worker.pid, server: temporal.pid };
  const cost = await costs({ count: calls, processes }, async () => {
    started = (await startTranscripts(client, ACCOUNT)).handle;
    const { looks } = await started.result();
    if (looks.available !== calls) throw new Error(`Of ${calls} transcripts: ${JSON.stringify(looks)}`);
  });
  const workflowId = transcriptWorkflowId({ account: ACCOUNT, callId: callIdOf(0) });
  const { historyLength } = await client.workflow.getHandle(workflowId).describe();
  return { ...cost, childEvents: historyLength, dispatcherEvents: (await eventsOf(client, started)) / calls };
}

/** Measures how many of `count` items `use` completes per second, and the CPU time that each costs the processes. */
async function costs({ count, processes }, use) {
  const cpuMsBefore = [cpuMs(processes.worker), cpuMs(processes.server)];
  const startedAt = performance.now();
  await use();
  const perSecond = (count * 1_000) / (performance.now() - startedAt);
  const [workerCpuMs, serverCpuMs] = [cpuMs(processes.worker), cpuMs(processes.server)].map(
    (now, index) => (now - cpuMsBefore[index]) / count,
  );
  return { perSecond, workerCpuMs, serverCpuMs };
}

/** Returns the number of history events of all runs of a workflow that continued as new. */
async function eventsOf(client, { workflowId }) {
  let events = 0;
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) {
    events += (await client.workflow.getHandle(workflowId, runId).describe()).historyLength;
  }
  return events;
}

/** Returns the CPU time of a process so far, in milliseconds; NaN if the system does not report it. */
function cpuMs(pid) {
  try {
    const ticks = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return ((Number(ticks[11]) + Number(ticks[12])) * 1_000) / ticksPerSecond();
  } catch {
    return Number.NaN;
  }
}

function ticksPerSecond() {
  return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
}

function cpu(ms) {
  return `${ms.toFixed(1)} ms`;
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
