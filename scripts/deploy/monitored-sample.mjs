/** The sample with its worker, and a Prometheus that scrapes it by the rules of `deploy/`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';
import { stringify } from 'yaml';
import { startProcess, startProgram, runProgram } from '../../bench/support/processes.mjs';
import { startServers } from '../../bench/support/servers.mjs';
import { serverSettings, untilReady } from '../../bench/support/worker.mjs';
import { sampleAccount } from '../../dist/settings/sample-account.js';
import { PROMETHEUS_CONFIG, readYaml, RULES } from './deploy-files.mjs';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** So many days that their backfill, a day at a time, runs for minutes. */
const BACKFILL = { from: '2015-01-01', to: '2024-12-31' };

/**
 * Starts the sample with a backfill and a webhook, and a Prometheus that scrapes its worker every second. Returns
 * `{ask}`, which sends a request to the API of Prometheus and returns the `data` of its answer.
 */
export async function startMonitoredSample({ atEnd, prometheus }) {
  const servers = await startServers({ atEnd });
  const [metrics, health, webhooks] = await Promise.all([freeAddress(), freeAddress(), freeAddress()]);
  const env = serverSettings({ servers, database: 'callweave' });
  const sample = startProgram({
    atEnd,
    program: CLI,
    args: ['dev'],
    cwd: servers.folder,
    env: {
      ...env,
      CALLWEAVE_METRICS_ADDRESS: metrics,
      CALLWEAVE_HEALTH_ADDRESS: health,
      CALLWEAVE_WEBHOOK_ADDRESS: webhooks,
    },
  });
  sample.stdout.resume();
  await untilReady({ name: 'worker', started: sample, url: `http://${health}/readyz` });
  const api = await startPrometheus({ atEnd, prometheus, folder: servers.folder, target: metrics });
  const days = ['--from', BACKFILL.from, '--to', BACKFILL.to];
  const backfill = ['backfill', '--account', 'sample', ...days, '--parallel', '1', '--yes'];
  await runProgram({ atEnd, program: CLI, args: backfill, env, cwd: servers.folder });
  await postWebhook(webhooks);
  return { ask: (path, query) => ask(`${api}${path}`, query) };
}

async function freeAddress() {
  return `127.0.0.1:${await getPort()}`;
}

/** Starts Prometheus with the configuration of `deploy/`, except for the target and the intervals. */
async function startPrometheus({ atEnd, prometheus, folder, target }) {
  const { scrape_configs: jobs } = readYaml(PROMETHEUS_CONFIG);
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [RULES],
    scrape_configs: jobs.map(({ job_name }) => ({ job_name, static_configs: [{ targets: [target] }] })),
  };
  const file = join(folder, 'prometheus.yml');
  await writeFile(file, stringify(config));
  const address = await freeAddress();
  const started = startProcess({
    atEnd,
    command: prometheus,
    args: [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=${address}`,
      '--log.level=error',
    ],
  });
  started.stdout.resume();
  await untilReady({ name: 'Prometheus', started, url: `http://${address}/-/ready` });
  return `http://${address}/api/v1/`;
}

async function postWebhook(address) {
  const { name, webhookSecret } = sampleAccount({ baseUrl: '', token: '', networkId: '' });
  const { status } = await fetch(`http://${address}/webhooks/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-callweave-secret': webhookSecret },
    body: JSON.stringify({ complete_call_id: 'a-call-that-the-sample-lacks' }),
  });
  if (status !== 202) throw new Error(`The worker answered a webhook with ${status}.`);
}

async function ask(url, query = {}) {
  const answer = await fetch(`${url}?${new URLSearchParams(query)}`);
  const { status, data, error } = await answer.json();
  if (status !== 'success') throw new Error(error);
  return data;
}
