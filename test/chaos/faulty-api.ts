import type { FakeApi } from '../../src/sample/fake-api.js';
import {
  answerWith,
  resetMidBody,
  truncatedJson,
  type Exchange,
  type Fault,
  type RecordedRequest,
} from '../../src/sample/faults.js';
import type { Random } from '../../src/sample/random.js';

/** Requests and answers as the API saw them. */
export interface ApiRecord {
  requests: number;
  /** Number of times each fault was injected, by its name. */
  readonly faults: Map<string, number>;
  /** Number of 429 answers, each of which asks for a wait of two seconds. */
  holds: number;
  /** Requests in the second half of such a wait; requests sent before the 429 may still arrive in the first half. */
  duringHolds: number;
  /** Number of complete answers for each page with rows. */
  readonly pages: Map<string, number>;
  /** Number of complete answers for each call's transcript. */
  readonly transcripts: Map<string, number>;
}

export interface FaultOptions {
  readonly api: Pick<FakeApi, 'plan'>;
  /**
   * Share of list answers that are replaced by faults, from 0 to 1. For other answers it is a tenth of that, because
   * three faults put a call off for minutes.
   */
  readonly share: number;
  /** Highest number of 429 answers. After each, the account's rate takes minutes to recover. */
  readonly mostHolds: number;
  readonly random: Random;
}

const HOLD_SECONDS = 2;

/** Faults after which the same request may succeed. Other tests cover faults that an operator must fix. */
const FAULTS: readonly [FaultKind, ...FaultKind[]] = [
  { name: '500', fault: answerWith({ status: 500, body: '{"error":"oops"}' }) },
  { name: '502 with HTML', fault: answerWith({ status: 502, headers: html(), body: '<html>Bad gateway</html>' }) },
  { name: '503', fault: answerWith({ status: 503 }) },
  { name: '504', fault: answerWith({ status: 504 }) },
  { name: 'reset in mid-body', fault: resetMidBody() },
  { name: 'truncated JSON', fault: truncatedJson() },
  { name: 'HTML with 200', fault: answerWith({ status: 200, headers: html(), body: '<html>Sign in</html>' }) },
  { name: 'empty body', fault: answerWith({ status: 200 }) },
  { name: 'not the encoding it says', fault: answerWith({ status: 200, headers: gzip(), body: 'this is not gzip' }) },
];

/** Faults that show in a plain text. Half a text is valid too, and an empty one means "no transcript yet". */
const LOUD_FAULTS: readonly [FaultKind, ...FaultKind[]] = [FAULTS[0], ...FAULTS.slice(1, 5)];

interface FaultKind {
  readonly name: string;
  readonly fault: Fault;
}

const HOLD: FaultKind = {
  name: '429',
  fault: answerWith({ status: 429, headers: { 'retry-after': String(HOLD_SECONDS) } }),
};

/** Replaces a share of an API's answers, drawn from `random`, by faults, and records requests and answers. */
export function makeFaulty({ api, share, mostHolds, random }: FaultOptions): ApiRecord {
  const record: ApiRecord = {
    requests: 0,
    faults: new Map(),
    holds: 0,
    duringHolds: 0,
    pages: new Map(),
    transcripts: new Map(),
  };
  let heldUntilMs = 0;
  api.plan({
    times: Number.POSITIVE_INFINITY,
    answer: (exchange) => {
      record.requests += 1;
      const heldForMs = heldUntilMs - Date.now();
      if (heldForMs > 0 && heldForMs < HOLD_SECONDS * 500) record.duringHolds += 1;
      if (!random.chance(isList(exchange.request) ? share : share / 10)) {
        answerRegularly(exchange, record);
        return;
      }
      const drawn = isPlainText(exchange.request) ? LOUD_FAULTS : FAULTS;
      const { name, fault } = record.holds < mostHolds && random.chance(0.2) ? HOLD : random.pick(drawn);
      add(record.faults, name);
      if (name === HOLD.name) {
        record.holds += 1;
        heldUntilMs = Date.now() + HOLD_SECONDS * 1_000;
      }
      fault(exchange);
    },
  });
  return record;
}

function answerRegularly({ request, response, regularAnswer }: Exchange, record: ApiRecord): void {
  const { status, headers, body } = regularAnswer();
  response.writeHead(status, headers).end(body);
  if (status === 200) noteWhole({ request, isEmpty: body === '[]', record });
}

function noteWhole(answered: { request: RecordedRequest; isEmpty: boolean; record: ApiRecord }): void {
  const { request, isEmpty, record } = answered;
  const { path, query } = request;
  const [, callId] = /^\/call\/transcript\/([^/]+)$/.exec(path) ?? [];
  if (callId !== undefined) add(record.transcripts, callId);
  if (!path.includes('/transactions/') || isEmpty) return;
  const { from = '', to = '', start_after_transaction_id: cursor = '' } = query;
  add(record.pages, [from, to, cursor].join(' '));
}

function isList({ path }: RecordedRequest): boolean {
  return path.includes('/transactions/') || path.endsWith('/calls');
}

/** True if the request asks Credira for a transcript. */
function isPlainText({ path }: RecordedRequest): boolean {
  return path.startsWith('/transcriptions/');
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function html(): Record<string, string> {
  return { 'content-type': 'text/html' };
}

function gzip(): Record<string, string> {
  return { 'content-encoding': 'gzip' };
}
