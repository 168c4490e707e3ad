import type { Client } from '@temporalio/client';
import type { SampleInvoices } from '../../src/sample/credira/credira-feed.js';
import type { SampleFeed } from '../../src/sample/feed/feed.js';

/** A text that must not appear in any history, log or metric. */
export interface Secret {
  readonly kind: 'token' | 'phone number' | 'transcript' | 'URL query';
  readonly text: string;
}

/** A text shown to people who must not see personal data of callers. */
export interface Exposed {
  readonly where: string;
  readonly text: string;
}

const PHONE_COLUMNS = ['calling_phone_number', 'destination_phone_number', 'call_source_description', 'from', 'to'];

/** Number of characters from which a sentence appears in no other text by chance. */
const SHORTEST_SENTENCE = 25;

export function secretsOf({
  feed,
  sample,
  tokens,
}: {
  feed: SampleFeed;
  sample: SampleInvoices;
  tokens: readonly string[];
}): Secret[] {
  const calls = sample.invoices.flatMap((invoice) => invoice.calls);
  const fields = calls.flatMap(({ stages }) => stages.map((stage) => stage.fields));
  const phones = new Set([...feed.rows.map(({ row }) => row), ...fields].flatMap(phonesIn));
  const sentences = new Set(feed.transcripts.flatMap(({ turns = [] }) => turns.flatMap((turn) => Object.values(turn))));
  return [
    ...tokens.map((text): Secret => ({ kind: 'token', text })),
    ...[...phones].map((text): Secret => ({ kind: 'phone number', text })),
    ...[...sentences]
      .filter((text) => text.length >= SHORTEST_SENTENCE)
      .map((text): Secret => ({ kind: 'transcript', text })),
    ...['start_after_transaction_id=', 'transcript_format='].map((text): Secret => ({ kind: 'URL query', text })),
  ];
}

/** Lists each leak, such as "phone number in the history of drain/chaos"; empty if there is none. */
export function leaksIn({ exposed, secrets }: { exposed: readonly Exposed[]; secrets: readonly Secret[] }): string[] {
  const leaks = exposed.flatMap(({ where, text }) =>
    secrets.filter((secret) => text.includes(secret.text)).map(({ kind }) => `${kind} in ${where}`),
  );
  return [...new Set(leaks)];
}

/** Reads the history of every workflow run in the namespace. */
export async function exposedHistories(client: Client): Promise<Exposed[]> {
  const histories: Exposed[] = [];
  for await (const { workflowId, runId } of client.workflow.list()) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    histories.push({ where: `the history of ${workflowId}`, text: textIn(history) });
  }
  return histories;
}

/** Every text in a value, including its payloads, which are bytes. */
export function textIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(textIn).join('\n');
}

function phonesIn(row: unknown): string[] {
  if (typeof row !== 'object' || row === null) return [];
  const phones = PHONE_COLUMNS.map((column) => (row as Record<string, unknown>)[column]);
  return phones
    .filter((phone) => typeof phone === 'string' && phone.length >= 10)
    .flatMap((phone) => [String(phone), String(phone).replaceAll('-', '')]);
}
