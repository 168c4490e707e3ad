import { count } from '../count.js';
import type { TranscriptStatus } from './transcript.js';

/** In the order a reader asks for them. */
const STATUSES: readonly TranscriptStatus[] = [
  'available',
  'pending',
  'none',
  'expired',
  'forbidden',
  'gone',
  'too_large',
  'off',
];

/** One line, as "1,503 available, 12 pending"; empty where nothing is counted. */
export function transcriptCountsLine(counts: Readonly<Partial<Record<TranscriptStatus, number>>>): string {
  return STATUSES.flatMap((status) => {
    const calls = counts[status] ?? 0;
    return calls === 0 ? [] : [`${count(calls)} ${status}`];
  }).join(', ');
}
