/**
 * What there is of a completed call's transcript once it is ready:
 *
 * - `ready`: the text
 * - `never`: nothing ever, 404
 * - `no-url`: nothing ever, and the call does not say where
 * - `foreign-host`: the call says it is on a host that is not the API's
 * - `forbidden`: 403
 * - `gone`: 410
 * - `too-large`: a text of more than 4 MiB
 */
export type CrediraTranscriptFate = 'ready' | 'never' | 'no-url' | 'foreign-host' | 'forbidden' | 'gone' | 'too-large';

export interface CrediraTranscriptPlan {
  /** `ready` by default. */
  readonly fate?: CrediraTranscriptFate;
  /** Before that it is not there yet; it always was by default. */
  readonly readyAt?: Date;
  readonly text?: string;
}

/** What becomes known of a call, and when. */
interface CrediraStage {
  /** Always, where absent. */
  readonly availableAt?: Date;
  /** With Credira's names; `id`, `invoice_id` and the two URLs are the server's to add. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface CrediraSampleCall {
  readonly callId: string;
  /** Oldest first: a later one overrides what an earlier one said. The call is there from the first one on. */
  readonly stages: readonly CrediraStage[];
  readonly transcript?: CrediraTranscriptPlan;
}

export interface CrediraSampleInvoice {
  readonly invoiceId: string;
  /** None: the list says `data: false`. */
  readonly calls: readonly CrediraSampleCall[];
}

/** The call as it is at an instant, all its fields; null where there is none yet. */
export function fieldsAt(call: CrediraSampleCall, now: Date): Readonly<Record<string, unknown>> | null {
  const known = call.stages.filter(({ availableAt }) => availableAt === undefined || availableAt <= now);
  return known.length === 0 ? null : Object.fromEntries(known.flatMap(({ fields }) => Object.entries(fields)));
}
