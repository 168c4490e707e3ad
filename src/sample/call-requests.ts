/** Path of an endpoint that serves one call. */
interface CallPath<Endpoint> {
  readonly endpoint: Endpoint;
  readonly callId: string;
}

/** Makes a reader that finds the endpoint and the call in a path; null for any other path. */
export function callPathReader<Endpoint extends string>(
  ...endpoints: readonly { readonly endpoint: Endpoint; readonly pattern: RegExp }[]
): (path: string) => CallPath<Endpoint> | null {
  return (path) => {
    for (const { endpoint, pattern } of endpoints) {
      const [, text] = pattern.exec(path) ?? [];
      if (text !== undefined) return { endpoint, callId: decode(text) };
    }
    return null;
  };
}

/** Decodes an id. Returns a text that cannot be decoded unchanged: it matches no call. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Reads the paths of Invoca's endpoints for one call. */
export const readCallPath = callPathReader(
  { endpoint: 'transcript', pattern: /^\/call\/transcript\/([^/]+)$/ },
  { endpoint: 'analysis', pattern: /^\/call\/v2\/transcript_analysis\/([^/]+)$/ },
);

/** Number of requests about a call, by endpoint, and number of transcripts sent. */
export type CallRequests<Endpoint extends string> = Readonly<Record<Endpoint | 'delivered', number>>;

interface CallRequestCounts<Endpoint extends string> {
  readonly byCall: ReadonlyMap<string, CallRequests<Endpoint>>;
  readonly add: (callId: string, what: Endpoint | 'delivered') => void;
}

/** Counts the requests about each call, by call id. */
export function createCallRequestCounts<Endpoint extends string>(
  none: CallRequests<Endpoint>,
): CallRequestCounts<Endpoint> {
  const byCall = new Map<string, CallRequests<Endpoint>>();
  return {
    byCall,
    add(callId, what) {
      const counts = byCall.get(callId) ?? none;
      byCall.set(callId, { ...counts, [what]: counts[what] + 1 });
    },
  };
}
