import type { AnalysisAnswer, TranscriptAnswer } from '../../domain/transcripts/answers.js';

/** The call whose transcript to fetch, with the values of its document that a source may need. */
export interface TranscriptRequest {
  readonly callId: string;
  /** The document's `result`. */
  readonly result?: string | null;
  /** URL of the transcript, from the source's own field of the call. */
  readonly url?: string | null;
  readonly signal?: AbortSignal;
}

/**
 * Fetches transcripts. Each function makes at most one request, and throws a SourceError, or `signal.reason` after an
 * abort.
 */
export interface TranscriptSource {
  fetchTranscript(request: TranscriptRequest): Promise<TranscriptAnswer>;
  /** Null if the source has no analysis. */
  readonly fetchAnalysis: ((request: TranscriptRequest) => Promise<AnalysisAnswer>) | null;
}
