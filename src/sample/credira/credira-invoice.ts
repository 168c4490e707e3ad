/**
 * Fate of a completed call's transcript once it is ready:
 *
 * - `ready`: its text
 * - `never`: always 404
 * - `no-url`: none, and the call has no URL for it
 * - `foreign-host`: the call gives a URL on a host that is not the API's
 * - `forbidden`: 403
 * - `gone`: 410
 * - `too-large`: a text of more than 4 MiB
 */
export type CrediraTranscriptFate = 'ready' | 'never' | 'no-url' | 'foreign-host' | 'forbidden' | 'gone' | 'too-large';

export interface CrediraTranscriptPlan {
  /** `ready` by default. */
  readonly fate?: CrediraTranscriptFate;
  /** Instant before which the transcript is not there; by default it always was. */
  readonly readyAt?: Date;
  readonly text?: string;
}

/** Fields of a call that become known at an instant. */
interface CrediraStage {
  /** Instant of the stage; by default it is always available. */
  readonly availableAt?: Date;
  /** Fields with Credira's names; the server adds `id`, `invoice_id` and the two URLs. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface CrediraSampleCall {
  readonly callId: string;
  /** Stages, oldest first: a later one overrides the fields of an earlier one. The first one creates the call. */
  readonly stages: readonly CrediraStage[];
  readonly transcript?: CrediraTranscriptPlan;
}

export interface CrediraSampleInvoice {
  readonly invoiceId: string;
  /** Calls about the invoice; for none, the list has `data: false`. */
  readonly calls: readonly CrediraSampleCall[];
  /** Returns what `meta.total_calls` says of a list of this many calls; by default their number. */
  readonly statedTotal?: (sent: number) => unknown;
}

/** Returns all fields of a call at an instant; null before its first stage. */
export function fieldsAt(call: CrediraSampleCall, now: Date): Readonly<Record<string, unknown>> | null {
  const known = call.stages.filter(({ availableAt }) => availableAt === undefined || availableAt <= now);
  return known.length === 0 ? null : Object.fromEntries(known.flatMap(({ fields }) => Object.entries(fields)));
}
