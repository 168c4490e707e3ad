import { z } from 'zod';
import { fieldsAt, type CrediraSampleCall, type CrediraSampleInvoice } from './credira-invoice.js';
import { CrediraRefusal, type CrediraMeta } from './credira-refusal.js';
import { listPath, readCrediraCallPath } from './credira-requests.js';
import type { RecordedRequest } from '../faults.js';
import { jsonAnswer, type Answer } from '../refusal.js';

/** An endpoint: returns null for a path that is not its own. */
export type CrediraRoute = (request: RecordedRequest, meta: CrediraMeta) => Answer | null;

interface CrediraRouteOptions {
  readonly invoices: readonly CrediraSampleInvoice[];
  readonly now: () => Date;
  /** Returns the origin of the server, which is known once it listens. */
  readonly origin: () => string;
  readonly foreignOrigin: string;
  /** Called for each transcript that is sent. */
  readonly delivered: (callId: string) => void;
}

interface PlacedCall {
  readonly invoiceId: string;
  readonly call: CrediraSampleCall;
}

/** Fields that a list lacks, according to https://credira.mintlify.app/api/calls-by-id */
const fieldsOfSingleCall: ReadonlySet<string> = new Set([
  'updated_time',
  'start_time',
  'end_time',
  'call_type',
  'cost',
  'currency',
  'quality_score',
  'sentiment_score',
  'keywords',
  'summary',
  'tags',
  'metadata',
]);

/** Parameters of a list request: no other is allowed, and this one is required. */
const ListParameters = z.strictObject({ invoice_id: z.string().min(1) });

/** Text of more than 4 MiB, as if nobody had hung up. */
const holdMusic = 'Agent: Please stay on the line.\n'.repeat(150_000);

const defaultText = 'Agent: Which color?\nCustomer: Orange.\n';

/** `GET /v1/calls?invoice_id=…`, `GET /v1/calls/<call id>`, `GET /transcriptions/<call id>.txt` */
export function createCrediraRoutes(options: CrediraRouteOptions): readonly CrediraRoute[] {
  const invoices = new Map(options.invoices.map((invoice) => [invoice.invoiceId, invoice]));
  const calls = new Map(
    options.invoices.flatMap(({ invoiceId, calls }) => calls.map((call) => [call.callId, { invoiceId, call }])),
  );
  return [
    ({ path, query }, meta) => (path === listPath ? listCalls({ options, invoices, query, meta }) : null),
    ({ path, query }, meta) => {
      const asked = readCrediraCallPath(path);
      if (asked === null) return null;
      if (Object.keys(query).length > 0) throw new CrediraRefusal('Unknown parameter', 'INVALID_REQUEST');
      const placed = calls.get(asked.callId);
      return asked.endpoint === 'call' ? showCall({ options, placed, meta }) : sendTranscript(options, placed);
    },
  ];
}

interface ListToServe {
  readonly options: CrediraRouteOptions;
  readonly invoices: ReadonlyMap<string, CrediraSampleInvoice>;
  readonly query: RecordedRequest['query'];
  readonly meta: CrediraMeta;
}

function listCalls({ options, invoices, query, meta }: ListToServe): Answer {
  if (query['invoice_id'] === undefined) {
    throw new CrediraRefusal('Missing required parameter: invoice_id', 'INVALID_REQUEST');
  }
  const parameters = ListParameters.safeParse(query);
  if (!parameters.success) throw new CrediraRefusal(z.prettifyError(parameters.error), 'INVALID_REQUEST');
  const invoice = invoices.get(parameters.data.invoice_id);
  if (invoice === undefined) throw new CrediraRefusal('Invoice not found', 'NOT_FOUND');
  const { invoiceId, statedTotal = (sent: number) => sent } = invoice;
  const listed = invoice.calls
    .map((call) => serveCall(options, { invoiceId, call }))
    .filter((call) => call !== null)
    .map((call) => Object.fromEntries(Object.entries(call).filter(([name]) => !fieldsOfSingleCall.has(name))));
  return jsonAnswer(200, {
    success: true,
    data: listed.length === 0 ? false : listed,
    meta: { ...meta, total_calls: statedTotal(listed.length) },
  });
}

interface CallToShow {
  readonly options: CrediraRouteOptions;
  readonly placed: PlacedCall | undefined;
  readonly meta: CrediraMeta;
}

function showCall({ options, placed, meta }: CallToShow): Answer {
  const call = placed === undefined ? null : serveCall(options, placed);
  if (call === null) throw new CrediraRefusal('Call not found', 'NOT_FOUND');
  return jsonAnswer(200, { success: true, data: call, meta });
}

/** Returns the call as it is now; null before its first stage. */
function serveCall(
  { now, origin, foreignOrigin }: CrediraRouteOptions,
  { invoiceId, call }: PlacedCall,
): Readonly<Record<string, unknown>> | null {
  const fields = fieldsAt(call, now());
  if (fields === null) return null;
  const { callId, transcript } = call;
  const identified = { id: callId, invoice_id: invoiceId, ...fields };
  if (fields['status'] !== 'completed') return identified;
  const host = transcript?.fate === 'foreign-host' ? foreignOrigin : origin();
  return {
    ...identified,
    transcription_url: transcript?.fate === 'no-url' ? null : `${host}/transcriptions/${callId}.txt`,
    call_recording_url: `${origin()}/recordings/${callId}.mp3`,
    ...fields,
  };
}

function sendTranscript({ now, delivered }: CrediraRouteOptions, placed: PlacedCall | undefined): Answer {
  if (placed === undefined) throw new CrediraRefusal('Transcription not found', 'NOT_FOUND');
  const { callId, transcript: { fate = 'ready', readyAt, text = defaultText } = {} } = placed.call;
  const isThere =
    fieldsAt(placed.call, now())?.['status'] === 'completed' && (readyAt === undefined || readyAt <= now());
  if (!isThere) throw new CrediraRefusal('Transcription not found', 'NOT_FOUND');
  switch (fate) {
    case 'ready':
    case 'too-large':
      delivered(callId);
      return plainText(200, fate === 'ready' ? text : holdMusic);
    case 'forbidden':
      return plainText(403, 'Forbidden');
    case 'gone':
      return plainText(410, 'Gone');
    case 'never':
    case 'no-url':
    case 'foreign-host':
      throw new CrediraRefusal('Transcription not found', 'NOT_FOUND');
  }
}

function plainText(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
