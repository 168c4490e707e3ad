import { BSON } from 'mongodb';
import type { LookOutcome } from '../../domain/transcripts/outcome.js';
import type { TranscriptAnalysis } from '../../domain/transcripts/transcript.js';
import { ANALYSIS_CAP_BYTES, CONVERSATION_CAP_BYTES } from '../calls/call-caps.js';
import { StoreError } from '../errors.js';

/**
 * What a look came to, as it is stored: text and turns together take no more than their part of a document. The turns
 * repeat the text, so they are left out where both would take more.
 *
 * @throws StoreError, not retryable, where the text alone takes more
 */
export function withinConversationCap(doing: string, outcome: LookOutcome): LookOutcome {
  if (outcome.status !== 'available') return outcome;
  const { text, turns } = outcome;
  if (BSON.calculateObjectSize({ text, turns }) <= CONVERSATION_CAP_BYTES) return outcome;
  requireWithin(CONVERSATION_CAP_BYTES, { doing, part: { text, turns: [] }, what: 'the text' });
  return { ...outcome, turns: [] };
}

/** @throws StoreError, not retryable, where the analysis takes more than its part of a document */
export function requireWithinAnalysisCap(doing: string, analysis: TranscriptAnalysis): void {
  requireWithin(ANALYSIS_CAP_BYTES, { doing, part: analysis, what: 'the analysis' });
}

function requireWithin(capBytes: number, { doing, part, what }: { doing: string; part: object; what: string }): void {
  const bytes = BSON.calculateObjectSize(part);
  if (bytes <= capBytes) return;
  throw new StoreError(
    `MongoDB: ${doing} is refused: ${what} takes ${bytes} bytes of a document, ${capBytes} are allowed`,
    {
      retryable: false,
    },
  );
}
