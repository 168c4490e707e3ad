import type { AnalysisAnswer, TranscriptAnswer } from '../../src/domain/transcripts/answers.js';
import type { FakeInvoca } from '../../src/sample/fake-invoca.js';
import type { Fault } from '../../src/sample/faults.js';
import type { InvocaTranscriptOptions } from '../../src/sources/invoca/transcript-client.js';
import { startInvoca, transcriptsOf } from './fake-invoca.js';

export const aCallId = '7F3A-1C9E5B20D4A8';

export async function lookFor(
  invoca: FakeInvoca,
  options: Partial<InvocaTranscriptOptions> & { callId?: string; signal?: AbortSignal } = {},
): Promise<TranscriptAnswer> {
  const { callId = aCallId, signal, ...others } = options;
  return transcriptsOf(invoca, others).fetchTranscript({ callId, ...(signal && { signal }) });
}

export async function analysisOf(invoca: FakeInvoca, callId = aCallId): Promise<AnalysisAnswer> {
  const { fetchAnalysis } = transcriptsOf(invoca);
  if (fetchAnalysis === null) throw new Error('Invoca has an analysis');
  return fetchAnalysis({ callId });
}

/** Makes one look, which a new fake API answers with `answer`. */
export async function lookAt(answer: Fault): Promise<TranscriptAnswer> {
  const invoca = await startInvoca();
  invoca.plan({ answer });
  return lookFor(invoca);
}
