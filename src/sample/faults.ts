import type { ServerResponse } from 'node:http';
import type { Answer } from './refusal.js';

/** A request as it came, without its token. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly at: Date;
  /** Null as long as there was no answer. */
  readonly status: number | null;
}

export interface Exchange {
  readonly request: RecordedRequest;
  readonly response: ServerResponse;
  /** What the API would have said. */
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

/** The connection is reset in the middle of the regular answer. */
export function resetMidBody(): Fault {
  return ({ response, regularAnswer }) => {
    const { status, headers, body } = regularAnswer();
    const bytes = Buffer.from(body);
    response.writeHead(status, { ...headers, 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2), () => response.socket?.resetAndDestroy());
  };
}

/** The regular answer is complete for HTTP, but its JSON breaks off. */
export function truncatedJson(): Fault {
  return ({ response, regularAnswer }) => {
    const { status, headers, body } = regularAnswer();
    response.writeHead(status, headers).end(body.slice(0, Math.floor(body.length / 2)));
  };
}

/** The answer begins, and then nothing comes until somebody closes the connection. */
export function hangMidBody(): Fault {
  return ({ response, regularAnswer }) => {
    const { status, headers, body } = regularAnswer();
    response.writeHead(status, headers).write(body.slice(0, Math.floor(body.length / 2)));
  };
}

/** Nothing comes until somebody closes the connection. */
export function hang(): Fault {
  return () => undefined;
}

export interface FaultPlan {
  /** Which requests it is for; all, where absent. */
  readonly when?: (request: RecordedRequest) => boolean;
  /** How many of them; 1 where absent. */
  readonly times?: number;
  readonly answer: Fault;
}

export interface FaultPlans {
  readonly add: (plan: FaultPlan) => void;
  /** The fault for a request: of the oldest plan that is for it and not used up. */
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
