import type { AnalysisAnswer, TranscriptAnswer } from '../../domain/transcripts/answers.js';

/** Whose transcript: the call id of the source, and what its document says where the source needs to know. */
export interface TranscriptRequest {
  readonly callId: string;
  /** The document's `result`. */
  readonly result?: string | null;
  /** Where the source said the transcript is, in its own field of the call. */
  readonly url?: string | null;
  readonly signal?: AbortSignal;
}

/**
 * Where transcripts come from. Each function makes one request, and throws a SourceError, or `signal.reason` after an
 * abort.
 */
export interface TranscriptSource {
  fetchTranscript(request: TranscriptRequest): Promise<TranscriptAnswer>;
  /** Null where the source has no such thing. */
  readonly fetchAnalysis: ((request: TranscriptRequest) => Promise<AnalysisAnswer>) | null;
}
