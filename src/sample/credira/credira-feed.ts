import { writeCrediraCall, type CrediraCourse } from './credira-call.js';
import type { CrediraSampleCall, CrediraSampleInvoice, CrediraTranscriptFate } from './credira-invoice.js';
import { createRandom } from '../random.js';
import { secondsAfter } from '../feed/story.js';

export interface SampleInvoicesOptions {
  readonly seed: number;
  /** Instant by which most calls have ended; the others end within three minutes after it. */
  readonly endsAt: Date;
  /** Number of invoices; 60 by default. */
  readonly invoices?: number;
  /** Calls that begin one by one after `endsAt`, about the invoices in turn; none by default. */
  readonly trickle?: { readonly calls: number; readonly everyMs: number };
}

export interface SampleInvoices {
  readonly invoices: readonly CrediraSampleInvoice[];
  /** Ids of the invoices, and of a few that the API does not know. */
  readonly invoiceIds: readonly string[];
}

/** Kinds of invoices: every twelve invoices have them all, and neighbours differ. */
const kinds = [
  { calls: 2, course: 'over' },
  { calls: 1, course: 'under-way' },
  { calls: 0, course: 'over' },
  { calls: 1, course: 'over', fate: 'never' },
  { calls: 3, course: 'over' },
  { calls: 1, course: 'over', fate: 'foreign-host' },
  { calls: 2, course: 'under-way' },
  { calls: 1, course: 'failed' },
  { calls: 1, course: 'over', fate: 'no-url' },
  { calls: 2, course: 'over' },
  { calls: 1, course: 'over', fate: 'gone' },
  { calls: 'unknown', course: 'over' },
] as const satisfies readonly {
  readonly calls: number | 'unknown';
  readonly course: CrediraCourse;
  readonly fate?: CrediraTranscriptFate;
}[];

const periodSeconds = 7 * 86_400;
/** Longer than any call. */
const settlingSeconds = 160;

/**
 * Invents the invoices of a company and the calls about them. Equal options give equal results. Each call has its own
 * stream of random choices, so that adding invoices does not change the others.
 */
export function createSampleInvoices(options: SampleInvoicesOptions): SampleInvoices {
  const { invoices: count = 60 } = options;
  const indexes = Array.from({ length: count }, (_unused, index) => index);
  const trickle = trickleByInvoice(options, indexes);
  return {
    invoiceIds: indexes.map((index) => invoiceIdOf(options.seed, index)),
    invoices: indexes
      .filter((index) => kindOf(index).calls !== 'unknown')
      .map((index) => ({
        invoiceId: invoiceIdOf(options.seed, index),
        calls: [...callsOf(options, index), ...(trickle.get(index) ?? [])],
      })),
  };
}

function kindOf(index: number): (typeof kinds)[number] {
  return kinds[index % kinds.length] ?? kinds[0];
}

function invoiceIdOf(seed: number, index: number): string {
  return `inv_${createRandom(seed, 'invoice', index).int(100_000, 999_999)}${String(index).padStart(3, '0')}`;
}

function callsOf({ seed, endsAt }: SampleInvoicesOptions, index: number): CrediraSampleCall[] {
  const kind = kindOf(index);
  const { calls, course } = kind;
  const fate = 'fate' in kind ? kind.fate : 'ready';
  if (calls === 'unknown') return [];
  return Array.from({ length: calls }, (_unused, nth) => {
    const random = createRandom(seed, 'invoice', index, nth);
    const isLast = nth === calls - 1;
    const isUnderWay = isLast && course === 'under-way';
    const startedAt = isUnderWay
      ? secondsAfter(endsAt, -random.int(0, 30))
      : secondsAfter(endsAt, -random.int(settlingSeconds, periodSeconds));
    const invoiceId = invoiceIdOf(seed, index);
    return writeCrediraCall({ invoiceId, startedAt, course: isLast ? course : 'over', fate, random });
  });
}

/** Writes the calls of the trickle, by index of their invoice. Uses only invoices that the API knows. */
function trickleByInvoice(
  { seed, endsAt, trickle = { calls: 0, everyMs: 1 } }: SampleInvoicesOptions,
  indexes: readonly number[],
): ReadonlyMap<number, readonly CrediraSampleCall[]> {
  const known = indexes.filter((index) => kindOf(index).calls !== 'unknown');
  const byInvoice = new Map<number, CrediraSampleCall[]>();
  for (let nth = 0; nth < trickle.calls; nth += 1) {
    const index = known[nth % known.length];
    if (index === undefined) break;
    const startedAt = secondsAfter(endsAt, Math.round(((nth + 1) * trickle.everyMs) / 1_000));
    const random = createRandom(seed, 'trickle', nth);
    const invoiceId = invoiceIdOf(seed, index);
    const call = writeCrediraCall({ invoiceId, startedAt, course: 'under-way', fate: 'ready', random });
    byInvoice.set(index, [...(byInvoice.get(index) ?? []), call]);
  }
  return byInvoice;
}
