import type { OutgoingHttpHeaders } from 'node:http';

/** A request that is answered with an error. The message is the answer's text, and holds nothing of the request. */
export class WebhookRefusal extends Error {
  override name = 'WebhookRefusal';

  constructor(
    readonly status: number,
    message: string,
    readonly headers: OutgoingHttpHeaders = {},
  ) {
    super(message);
  }
}

/** Seconds after which a sender may try again. */
const RETRY_AFTER_SECONDS = 10;

export function unavailable(message: string): WebhookRefusal {
  return new WebhookRefusal(503, message, { 'retry-after': String(RETRY_AFTER_SECONDS) });
}
