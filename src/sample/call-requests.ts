/** A path of the endpoints that are asked call by call. */
export interface CallPath {
  readonly endpoint: 'transcript' | 'analysis';
  readonly callId: string;
}

export interface CallRequests {
  readonly transcript: number;
  /** Transcript requests which were answered with a transcript. */
  readonly delivered: number;
  readonly analysis: number;
}

export interface CallRequestCounts {
  readonly requested: (path: string) => void;
  readonly delivered: (callId: string) => void;
  readonly byCall: ReadonlyMap<string, CallRequests>;
}

const endpoints = [
  { endpoint: 'transcript', pattern: /^\/call\/transcript\/([^/]+)$/ },
  { endpoint: 'analysis', pattern: /^\/call\/v2\/transcript_analysis\/([^/]+)$/ },
] as const;

/** Null for any other path. */
export function readCallPath(path: string): CallPath | null {
  for (const { endpoint, pattern } of endpoints) {
    const [, text] = pattern.exec(path) ?? [];
    const callId = text === undefined ? null : decode(text);
    if (callId !== null) return { endpoint, callId };
  }
  return null;
}

export function createCallRequestCounts(): CallRequestCounts {
  const byCall = new Map<string, CallRequests>();
  const add = (callId: string, what: keyof CallRequests) => {
    const counts = byCall.get(callId) ?? { transcript: 0, delivered: 0, analysis: 0 };
    byCall.set(callId, { ...counts, [what]: counts[what] + 1 });
  };
  return {
    requested(path) {
      const call = readCallPath(path);
      if (call !== null) add(call.callId, call.endpoint);
    },
    delivered: (callId) => add(callId, 'delivered'),
    byCall,
  };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
