import type { FakeInvoca } from '../../src/sample/fake-invoca.js';
import type { Fault } from '../../src/sample/faults.js';
import { createInvocaTranscripts } from '../../src/sources/invoca/transcript-client.js';
import type { InvocaTranscriptOptions } from '../../src/sources/invoca/transcript-client.js';
import type { AnalysisAnswer, TranscriptAnswer } from '../../src/sources/transcript-source.js';
import { startInvoca } from './fake-invoca.js';

export const aCallId = '7F3A-1C9E5B20D4A8';

export async function lookFor(
  invoca: FakeInvoca,
  options: Partial<InvocaTranscriptOptions> & { callId?: string; signal?: AbortSignal } = {},
): Promise<TranscriptAnswer> {
  const { callId = aCallId, signal, ...others } = options;
  const source = createInvocaTranscripts({ baseUrl: invoca.baseUrl, token: invoca.token, ...others });
  return source.fetchTranscript({ callId, ...(signal && { signal }) });
}

export async function analysisOf(invoca: FakeInvoca, callId = aCallId): Promise<AnalysisAnswer> {
  const source = createInvocaTranscripts({ baseUrl: invoca.baseUrl, token: invoca.token });
  if (source.fetchAnalysis === null) throw new Error('Invoca has an analysis');
  return source.fetchAnalysis({ callId });
}

/** What a look finds where the API answers it with this. */
export async function lookAt(answer: Fault): Promise<TranscriptAnswer> {
  const invoca = await startInvoca();
  invoca.plan({ answer });
  return lookFor(invoca);
}
