/**
 * Serves the feed of `feed-rows.mjs` on a free port of the loopback address, as fast as it can, and its transcripts. The
 * first line on stdout is its base URL. Options are JSON in the first argument:
 *
 * - `rows`, `rowsPerDay`, `rowBytes`: the feed
 * - `latencyMs`: time before each answer
 * - `limitPerSecond`: more requests than this in any second are refused with 429 and `Retry-After: 1`; null for no limit
 *
 * `POST /bench/grow?perSecond=N&from=M` makes the feed grow from now on: M rows can be read at once, then N more each
 * second. `GET /bench/requests?since=<milliseconds>` answers with the requests since then, as `[instant, kind, status]`.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFeedRows, FIRST_DAY, placeOf } from './feed-rows.mjs';

const MS_PER_DAY = 86_400_000;
const TRANSCRIPT = JSON.stringify([
  { agent: 'Acme Dental, how may I help you?' },
  { caller: 'I would like an appointment for a cleaning.' },
]);

const { rows, rowsPerDay, rowBytes, latencyMs, limitPerSecond } = JSON.parse(process.argv[2]);
const feed = createFeedRows({ rows, rowsPerDay, rowBytes });
const requests = [];
/** The feed is complete until it is told to grow. */
let growth = null;

const server = createServer((request, response) => {
  void answer(request, response);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);

async function answer({ url, method }, response) {
  const { pathname, searchParams } = new URL(url, 'http://feed');
  if (pathname.startsWith('/bench/')) return send(response, control({ method, pathname, searchParams }));
  const request = [Date.now(), kindOf(pathname), 200];
  requests.push(request);
  const isRefused = isOverLimit();
  if (latencyMs > 0) await sleep(latencyMs);
  const answered = isRefused
    ? { status: 429, headers: { 'retry-after': '1' }, body: '' }
    : served(pathname, searchParams);
  request[2] = answered.status;
  send(response, answered);
}

function send(response, { status, headers = {}, body }) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}

/** True if this request, which is recorded already, is one too many in the last second. */
function isOverLimit() {
  if (limitPerSecond === null) return false;
  const since = Date.now() - 1_000;
  let allowed = 0;
  for (let at = requests.length - 1; at >= 0 && requests[at][0] > since; at -= 1) {
    if (requests[at][2] !== 429) allowed += 1;
  }
  if (allowed <= limitPerSecond) return false;
  requests.at(-1)[2] = 429;
  return true;
}

function kindOf(pathname) {
  return pathname.startsWith('/call/') ? 'transcript' : 'page';
}

function served(pathname, parameters) {
  if (pathname.startsWith('/call/transcript/')) return { status: 200, body: TRANSCRIPT };
  if (!/^\/api\/.+\/transactions\//.test(pathname)) return { status: 404, body: '{}' };
  return { status: 200, body: feed.serialise(placesOf(parameters)) };
}

/** Returns the places of the rows that a request asks for. */
function placesOf(parameters) {
  const readable = readableRows();
  const callId = parameters.get('call_record_id');
  if (callId !== null) return feed.placesOfCall(callId, readable);
  const transactionId = parameters.get('transaction_id');
  if (transactionId !== null) return [placeOf(transactionId)].filter((place) => place < readable);
  const after = parameters.get('start_after_transaction_id');
  const [first, end] = rangeOf(parameters, readable);
  const from = after === null ? first : placeOf(after) + 1;
  const count = Math.max(0, Math.min(Number(parameters.get('limit')), end - from));
  return Array.from({ length: count }, (_unused, index) => from + index);
}

/** Returns the places of the first row of the days asked for and of the row after their last. */
function rangeOf(parameters, readable) {
  const [from, to] = [parameters.get('from'), parameters.get('to')];
  if (from === null || to === null) return [0, readable];
  const dayOf = (text) => Math.max(0, (Date.parse(text) - Date.parse(FIRST_DAY)) / MS_PER_DAY);
  return [dayOf(from) * rowsPerDay, Math.min(readable, (dayOf(to) + 1) * rowsPerDay)];
}

function readableRows() {
  if (growth === null) return rows;
  return Math.min(rows, growth.from + Math.floor(((Date.now() - growth.sinceMs) * growth.perSecond) / 1_000));
}

function control({ method, pathname, searchParams }) {
  const number = (name) => Number(searchParams.get(name));
  if (method === 'POST' && pathname === '/bench/grow') {
    growth = { perSecond: number('perSecond'), from: number('from'), sinceMs: Date.now() };
    return { status: 200, body: JSON.stringify(growth) };
  }
  if (pathname === '/bench/requests') {
    return { status: 200, body: JSON.stringify(requests.filter(([at]) => at >= number('since'))) };
  }
  return { status: 404, body: '{}' };
}
