import type { ServerResponse } from 'node:http';
import type { Answer } from './refusal.js';

/** A request as it was received, without its token. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly at: Date;
  /** Null until an answer is sent. */
  readonly status: number | null;
}

export interface Exchange {
  readonly request: RecordedRequest;
  readonly response: ServerResponse;
  /** Returns the answer that the API would give. */
  readonly regularAnswer: () => Answer;
}

/** Answers a request in place of the API. A new kind of fault is a new function of this type. */
export type Fault = (exchange: Exchange) => void;

export function answerWith(answer: {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}): Fault {
  return ({ response }) => {
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.body ?? '');
  };
}

/** Resets the connection in the middle of the regular answer. */
export function resetMidBody(): Fault {
  return ({ response, regularAnswer }) => {
    const { status, headers, body } = regularAnswer();
    const bytes = Buffer.from(body);
    response.writeHead(status, { ...headers, 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2), () => response.socket?.resetAndDestroy());
  };
}

/** Sends an answer that is complete as HTTP, but whose JSON is cut off. */
export function truncatedJson(): Fault {
  return ({ response, regularAnswer }) => {
    const { status, headers, body } = regularAnswer();
    response.writeHead(status, headers).end(body.slice(0, Math.floor(body.length / 2)));
  };
}

/** Sends half of the regular answer, and then nothing until the client closes the connection. */
export function hangMidBody(): Fault {
  return ({ response, regularAnswer }) => {
    const { status, headers, body } = regularAnswer();
    response.writeHead(status, headers).write(body.slice(0, Math.floor(body.length / 2)));
  };
}

/** Sends nothing until the client closes the connection. */
export function hang(): Fault {
  return () => undefined;
}

export interface FaultPlan {
  /** True for the requests to answer with the fault; by default all. */
  readonly when?: (request: RecordedRequest) => boolean;
  /** Number of requests to answer with the fault; 1 by default. */
  readonly times?: number;
  readonly answer: Fault;
}

export interface FaultPlans {
  readonly add: (plan: FaultPlan) => void;
  /** Returns the fault of the oldest plan that matches and is not used up; null if there is none. */
  readonly take: (request: RecordedRequest) => Fault | null;
  readonly unused: () => readonly FaultPlan[];
}

export function createFaultPlans(): FaultPlans {
  const plans: { plan: FaultPlan; left: number }[] = [];
  return {
    add(plan) {
      plans.push({ plan, left: plan.times ?? 1 });
    },
    take(request) {
      const next = plans.find(({ plan, left }) => left > 0 && (plan.when?.(request) ?? true));
      if (next === undefined) return null;
      next.left -= 1;
      return next.plan.answer;
    },
    unused() {
      return plans.filter(({ left }) => left > 0).map(({ plan }) => plan);
    },
  };
}
