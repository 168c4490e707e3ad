import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { BSON } from 'mongodb';
import { onTestFinished } from 'vitest';
import { mongoPrimary } from './mongodb-primary.js';

/** A command on its way to the server. */
export interface MongoCommand {
  /** Name of the command, such as "update". */
  readonly name: string;
  readonly collection: string;
  /** The command without the sections sent with it (the documents or updates of a write). */
  readonly body: Readonly<Record<string, unknown>>;
}

export type MongoReply = Readonly<Record<string, unknown>>;

/**
 * A fault in place of the server's answer: another reply, or a closed connection. `cut` closes it before the command
 * reaches the server, `answer-lost` after the server has carried the command out.
 */
export type MongoFault = 'cut' | 'answer-lost' | { readonly ok: 0 | 1; readonly [field: string]: unknown };

export interface FaultyMongo {
  /** Connection string of the proxy. */
  readonly uri: string;
  /** Commands that reached the server, in order. */
  readonly passed: readonly MongoCommand[];
  /** Answers the next matching commands with these faults, one fault per command. */
  plan(when: (command: MongoCommand) => boolean, faults: readonly MongoFault[]): void;
  /** Completes `act` before each matching command is passed to the server. */
  before(when: (command: MongoCommand) => boolean, act: () => Promise<unknown>): void;
  /** Changes the server's reply to each matching command. */
  change(when: (command: MongoCommand) => boolean, change: (reply: MongoReply) => MongoReply): void;
  /** Number of planned faults that no command has used yet. */
  left(): number;
}

/** Byte offsets in the header of a message, and of the flags after it. */
const REQUEST_ID = 4;
const RESPONSE_TO = 8;
const FLAGS = 16;
const HEADER_BYTES = 16;
const OP_MSG = 2013;

/**
 * Starts a proxy between a driver and the server that accepts writes, with the same login. It runs until the test ends,
 * forwards messages and injects the planned faults. It understands OP_MSG only, the one message that current drivers
 * send after their greeting: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
 */
export async function startFaultyMongo(serverUri: string): Promise<FaultyMongo> {
  const primary = await mongoPrimary(serverUri);
  const plans: { when: (command: MongoCommand) => boolean; faults: MongoFault[] }[] = [];
  const acts: { when: (command: MongoCommand) => boolean; act: () => Promise<unknown> }[] = [];
  const changes: { when: (command: MongoCommand) => boolean; change: (reply: MongoReply) => MongoReply }[] = [];
  const passed: MongoCommand[] = [];
  const sockets = new Set<Socket>();

  function takeFault(command: MongoCommand): MongoFault | null {
    const plan = plans.find(({ when, faults }) => faults.length > 0 && when(command));
    return plan?.faults.shift() ?? null;
  }

  async function actBefore(command: MongoCommand): Promise<void> {
    for (const { when, act } of acts) if (when(command)) await act();
  }

  function changed(message: Buffer, command: MongoCommand | undefined): Buffer {
    const fitting = changes.filter(({ when }) => command !== undefined && when(command));
    if (fitting.length === 0) return message;
    const reply = fitting.reduce((before, { change }) => change(before), bodyOf(message));
    // With the flags: one says that further replies follow without a request.
    return replyTo(message.readInt32LE(RESPONSE_TO), reply, message.readInt32LE(FLAGS));
  }

  const proxy = createServer((driver) => {
    const server = primary.connect();
    const asked = new Map<number, MongoCommand>();
    for (const socket of [driver, server]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        driver.destroy();
        server.destroy();
      });
    }
    let isAnswerLost = false;
    eachMessage(server, (message) => {
      if (isAnswerLost) driver.destroy();
      else driver.write(changed(message, asked.get(message.readInt32LE(RESPONSE_TO))));
    });
    eachMessage(driver, (message) => {
      const command = commandOf(message);
      const fault = command === null ? null : takeFault(command);
      if (fault === 'cut') {
        driver.destroy();
        return;
      }
      if (fault !== null && fault !== 'answer-lost') {
        driver.write(replyTo(message.readInt32LE(REQUEST_ID), fault));
        return;
      }
      isAnswerLost ||= fault === 'answer-lost';
      if (command === null) {
        server.write(message);
        return;
      }
      asked.set(message.readInt32LE(REQUEST_ID), command);
      void actBefore(command).then(() => {
        passed.push(command);
        server.write(message);
      });
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = proxy.address() as AddressInfo;
  return {
    uri: primary.uriBehind(port),
    passed,
    plan: (when, faults) => plans.push({ when, faults: [...faults] }),
    before: (when, act) => acts.push({ when, act }),
    change: (when, change) => changes.push({ when, change }),
    left: () => plans.reduce((sum, { faults }) => sum + faults.length, 0),
  };
}

function eachMessage(socket: Socket, use: (message: Buffer) => void): void {
  let received = Buffer.alloc(0);
  let chunks: Buffer[] = [];
  let missing = HEADER_BYTES;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    missing -= chunk.length;
    if (missing > 0) return;
    received = Buffer.concat([received, ...chunks]);
    chunks = [];
    while (received.length >= HEADER_BYTES && received.length >= received.readInt32LE(0)) {
      const bytes = received.readInt32LE(0);
      use(received.subarray(0, bytes));
      received = received.subarray(bytes);
    }
    missing = (received.length < HEADER_BYTES ? HEADER_BYTES : received.readInt32LE(0)) - received.length;
  });
}

/** Reads a command, whose first key is its name. Null for a greeting in the older format. */
function commandOf(message: Buffer): MongoCommand | null {
  if (message.readInt32LE(12) !== OP_MSG) return null;
  const body = bodyOf(message);
  const [name = '', collection] = Object.entries(body)[0] ?? [];
  return { name, collection: typeof collection === 'string' ? collection : '', body };
}

/** Reads the body of a message, its section of kind 0. */
function bodyOf(message: Buffer): Record<string, unknown> {
  let offset = HEADER_BYTES + 4;
  while (message[offset] !== 0) offset += 1 + message.readInt32LE(offset + 1);
  const bytes = message.readInt32LE(offset + 1);
  return BSON.deserialize(message.subarray(offset + 1, offset + 1 + bytes), { promoteValues: false });
}

function replyTo(requestId: number, reply: object, flags = 0): Buffer {
  const body = BSON.serialize(reply);
  const answer = Buffer.alloc(HEADER_BYTES + 5 + body.length);
  answer.writeInt32LE(answer.length, 0);
  answer.writeInt32LE(1, REQUEST_ID);
  answer.writeInt32LE(requestId, RESPONSE_TO);
  answer.writeInt32LE(OP_MSG, 12);
  answer.writeInt32LE(flags, FLAGS);
  answer.set(body, HEADER_BYTES + 5);
  return answer;
}
