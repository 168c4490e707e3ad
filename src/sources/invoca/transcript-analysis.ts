import { z } from 'zod';
import type { AnalysisAnswer } from '../../domain/transcripts/answers.js';
import type { Sentiment, TranscriptAnalysis } from '../../domain/transcripts/transcript.js';
import { readJson } from '../json/json.js';

/** Reads a score. A number that JavaScript cannot hold exactly arrives as a string of its digits. */
const Score = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d+(\.\d+)?$/)
      .transform(Number),
  ])
  .nullish()
  .catch(null);

const Text = z
  .string()
  .transform((text) => text.toWellFormed())
  .nullish()
  .catch(null);

const Side = z.object({ label: Text, score: Score }).nullish().catch(null);

const Status = z.string().nullish().catch(null);

const AnalysisBody = z.object({
  transcript_summary: z.object({ status: Status, text: Text }).nullish().catch(null),
  sentiment: z.object({ status: Status, overall: Side, agent: Side, caller: Side }).nullish().catch(null),
});

type Analysed = z.output<typeof AnalysisBody>;

/** Statuses of the summary that rule out a transcript for ever. */
const noneStatuses = ['no_transcript', 'transcript_too_short'];

/**
 * Reads the body of a 2xx answer of the analysis, version 2. Only its statuses show, according to the documentation,
 * whether a transcript is late or will never come: `available`, `pending`, `not_applicable` (the feature is off), and
 * for the summary `no_transcript` and `transcript_too_short`. Never throws; an unknown status counts as pending.
 */
export function readAnalysisBody(body: Uint8Array): AnalysisAnswer {
  const answer = readJson(body);
  if (answer === null) return { kind: 'garbled', reason: 'garbled: the analysis is not JSON in UTF-8' };
  const read = AnalysisBody.safeParse(answer.value);
  if (!read.success) return { kind: 'pending', reason: 'pending: the analysis is not a JSON object' };

  const { transcript_summary: summary, sentiment } = read.data;
  const analysis = toAnalysis(read.data);
  const noneStatus = noneStatuses.find((status) => status === summary?.status);
  if (noneStatus !== undefined) return { kind: 'analysis', analysis, none: true, reason: `none: ${noneStatus}` };
  if (analysis.summary !== null || analysis.sentiment !== null) {
    return { kind: 'analysis', analysis, none: false, reason: null };
  }
  if (summary?.status === 'not_applicable' && sentiment?.status === 'not_applicable') {
    return { kind: 'not-applicable', reason: 'not-applicable: neither summary nor sentiment' };
  }
  return { kind: 'pending', reason: 'pending: neither summary nor sentiment yet' };
}

function toAnalysis({ transcript_summary: summary, sentiment }: Analysed): TranscriptAnalysis {
  return {
    summary: summary?.status === 'available' ? (summary.text ?? null) : null,
    sentiment: sentiment?.status === 'available' ? toSentiment(sentiment) : null,
  };
}

function toSentiment({ overall, agent, caller }: NonNullable<Analysed['sentiment']>): TranscriptAnalysis['sentiment'] {
  const sides = { agent: toSide(agent), caller: toSide(caller) };
  const whole = toSide(overall);
  if (whole === null && sides.agent === null && sides.caller === null) return null;
  return { label: whole?.label ?? null, score: whole?.score ?? null, ...sides };
}

function toSide(side: z.output<typeof Side>): Sentiment | null {
  const { label = null, score = null } = side ?? {};
  return label === null && score === null ? null : { label, score };
}
