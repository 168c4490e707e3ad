import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@temporalio/common';
import { idsOfWebhook, NamedValues } from '../../domain/nudges/ids-of-webhook.js';
import type { Nudge } from '../../temporal/runs/nudges.js';
import { listen } from '../listen.js';
import { sendAnswer, type WebhookAnswer } from './answer.js';
import { Batches } from './batches.js';
import { decoderOf } from './decode-body.js';
import { rareWarnings, type Warn } from './rare-warnings.js';
import { BodyReader, hasBody, MAX_BODY_BYTES, tooLong } from './read-body.js';
import { WebhookRefusal, unavailable } from './refusal.js';
import { readTarget, showsSecret, type RequestTarget } from './request-target.js';

/** Limits that close connections which are silent, slow or too many. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
} as const;
const MAX_CONNECTIONS = 4_000;
/** Time after which a connection on which nothing is sent or received is closed. */
const SILENT_MS = 30_000;
/** Time that requests have to end when the receiver closes. */
const CLOSE_MS = 5_000;

export interface ServeWebhooksInput {
  /** `host:port` */
  readonly address: string;
  /** The secret of each account that takes webhooks. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Resolves once Temporal has the ids. */
  readonly sendNudge: (nudge: Nudge) => Promise<void>;
  /** Counts an answer to a webhook of an account. */
  readonly count: (counted: { account: string; status: number }) => void;
  readonly logger: Logger;
}

export interface WebhookServer {
  /** Takes no more connections, answers the requests there are, for a few seconds, and sends what is collected. */
  close(): Promise<void>;
}

/**
 * Takes webhooks at `/webhooks/<account>`: finds ids in them and hands these to Temporal. Nothing else of a request is
 * kept, logged or answered.
 * @throws an error with the address and its setting, if the address cannot be used
 */
export async function serveWebhooks(input: ServeWebhooksInput): Promise<WebhookServer> {
  const receiver = new Receiver(input);
  const server = createServer(LIMITS);
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = SILENT_MS;
  server.on('request', (request, response) => {
    receiver.receive({ request, response, askForBody: () => undefined });
  });
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    receiver.receive({ request, response, askForBody: () => response.writeContinue() });
  });
  await listen(server, { what: 'the webhooks', address: input.address, setting: 'CALLWEAVE_WEBHOOK_ADDRESS' });
  input.logger.info('Taking webhooks', { address: input.address, accounts: [...input.secrets.keys()] });
  let closed: Promise<void> | null = null;
  return { close: () => (closed ??= close(server, receiver)) };
}

async function close(server: Server, receiver: Receiver): Promise<void> {
  const ended = once(server, 'close');
  server.close();
  receiver.beginClosing();
  await Promise.race([receiver.answered(), sleep(CLOSE_MS, undefined, { ref: false })]);
  // Connections on which no request has begun are among them.
  server.closeAllConnections();
  await ended;
  await receiver.settled();
}

interface Received {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Answers "100 Continue" to a sender that waits for it. */
  readonly askForBody: () => void;
}

class Receiver {
  private readonly batches: Batches;
  private readonly bodies = new BodyReader();
  private readonly warn: Warn;
  private lastTurn = Promise.resolve();
  private isClosing = false;
  private unanswered = 0;
  private onAnswered = (): void => undefined;

  constructor(private readonly input: ServeWebhooksInput) {
    this.batches = new Batches(input.sendNudge);
    this.warn = rareWarnings(input.logger);
  }

  beginClosing(): void {
    this.isClosing = true;
    this.batches.flush();
  }

  /** Resolves as soon as every request has its answer. No others may begin meanwhile. */
  async answered(): Promise<void> {
    if (this.unanswered === 0) return;
    await new Promise<void>((resolve) => {
      this.onAnswered = resolve;
    });
  }

  /** Resolves when no signal is on its way. */
  settled(): Promise<void> {
    return this.batches.settled();
  }

  receive(received: Received): void {
    const { request, response } = received;
    // A broken connection fails whatever reads the body, and concerns nothing else.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    this.unanswered += 1;
    response.once('close', () => {
      this.unanswered -= 1;
      if (this.unanswered === 0) this.onAnswered();
    });
    void this.answerTo(received).then((answer) => {
      if (!response.destroyed) sendAnswer({ request, response, isLast: this.isClosing }, answer);
    });
  }

  private async answerTo(received: Received): Promise<WebhookAnswer> {
    const target = readTarget(received.request.url ?? '');
    const secret = this.input.secrets.get(target?.account ?? '');
    if (target === null || secret === undefined) return refused(new WebhookRefusal(404, 'There are no webhooks here.'));
    const { account } = target;
    const answer = await this.answerFor(received, target, secret).catch((error: unknown) => {
      if (error instanceof WebhookRefusal) return refused(error);
      this.warn('Cannot hand webhooks to Temporal', { account, error });
      return refused(unavailable('Temporal does not take it: send it again later.'));
    });
    this.input.count({ account, status: answer.status });
    return answer;
  }

  private async answerFor(received: Received, target: RequestTarget, secret: string): Promise<WebhookAnswer> {
    const { request } = received;
    const { account } = target;
    if (request.method !== 'GET' && request.method !== 'POST') {
      throw new WebhookRefusal(405, 'Webhooks are sent by GET or POST.', { allow: 'GET, POST' });
    }
    if (!showsSecret({ target, headers: request.headers }, secret)) {
      this.warn('A webhook has no secret or a wrong one', { account });
      throw new WebhookRefusal(401, 'The secret is missing or wrong.', { 'www-authenticate': 'Bearer' });
    }
    const { ids, ignored } = idsOfWebhook([...(await this.bodyOf(received)), new NamedValues(target.query)]);
    const accepted = ids.callIds.length + ids.transactionIds.length;
    if (accepted > 0) await this.batches.add({ account, ids });
    return { status: accepted > 0 ? 202 : 200, body: { accepted, ignored } };
  }

  /** Resolves for one body after the other, with a moment for all else in this process between two. */
  private turnToDecode(): Promise<void> {
    this.lastTurn = this.lastTurn.then(() => nextTurn());
    return this.lastTurn;
  }

  /** Reads the body of a POST to the one value it has, or to none. Whatever a GET has as a body is not looked at. */
  private async bodyOf({ request, askForBody }: Received): Promise<unknown[]> {
    const { method, headers } = request;
    if (method === 'GET') return [];
    if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLong();
    if (hasBody(request)) askForBody();
    const body = hasBody(request) ? await this.bodies.read(request) : Buffer.alloc(0);
    if (body.length === 0 && headers['content-type'] === undefined) return [];
    const decode = decoderOf(headers);
    await this.turnToDecode();
    return [decode(body)];
  }
}

function refused({ status, message, headers }: WebhookRefusal): WebhookAnswer {
  return { status, body: { error: message }, headers };
}
