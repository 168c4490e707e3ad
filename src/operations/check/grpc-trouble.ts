import { isGrpcServiceError } from '@temporalio/client';
import { failed, NoAnswerError, type Finding } from './trials.js';

/** Codes of gRPC. */
const DEADLINE_EXCEEDED = 4;
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;

const NO_ANSWER_ADVICE = 'Look into the log of the server and at the network between, and run `callweave check` again';
const NO_RIGHT_ADVICE = 'Give the credentials of callweave (TEMPORAL_API_KEY or the client certificate) that right';
const OTHER_ADVICE = 'Look into the log of the server (the tests of callweave run on Temporal 1.32)';

/** Explains why a request to Temporal failed. `doing` is what was tried. */
export function grpcTrouble(error: unknown, doing: string): Finding {
  if (error instanceof NoAnswerError) return failed(`${doing}: ${error.message}`, NO_ANSWER_ADVICE);
  const status = statusOf(error);
  if (status === null) {
    return failed(`${doing} failed: ${error instanceof Error ? error.message : String(error)}`, OTHER_ADVICE);
  }
  const { code, details } = status;
  if (code === DEADLINE_EXCEEDED) return failed(`${doing}: no answer in time`, NO_ANSWER_ADVICE);
  const isRefused = code === PERMISSION_DENIED || code === UNAUTHENTICATED;
  const said = reasonIn(details);
  return failed(
    `${doing} ${isRefused ? 'was refused' : 'failed'}: ${said === '' ? `code ${code} of gRPC` : said}`,
    isRefused ? NO_RIGHT_ADVICE : OTHER_ADVICE,
  );
}

/** Returns the answer of the server, which the SDK may wrap; null for any other error. */
function statusOf(error: unknown): { readonly code: number; readonly details: string } | null {
  if (isGrpcServiceError(error)) return error;
  return error instanceof Error && error.cause !== undefined ? statusOf(error.cause) : null;
}

/** Returns what the server said, or the reason why it was not reached, in one line. */
function reasonIn(details: string): string {
  const reason = /Last error: (?:Error: )?([^]*?)(?:\. Resolution note: .*)?$/.exec(details)?.[1] ?? details;
  // A proxy of which gRPC says only that there is no tunnel.
  if (reason === 'undefined') return 'the proxy cannot be reached, or does not connect to it';
  const [, tls] = /SSL routines:[^:]*:([^:]+):/.exec(reason) ?? [];
  if (tls !== undefined) return `TLS: ${tls}`;
  return reason
    .replaceAll(/\s+/g, ' ')
    .replace(/ \(\d{4}-\d\d-\d\dT[^)]*\)/, '')
    .trim()
    .replace(/\.$/, '');
}
