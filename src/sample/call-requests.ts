/** A path of the endpoints that are asked call by call. */
interface CallPath<Endpoint> {
  readonly endpoint: Endpoint;
  readonly callId: string;
}

/** Tells the endpoint and the call from a path; gives null for any other path. */
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

/** A text that cannot be decoded is nobody's id. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Of Invoca. */
export const readCallPath = callPathReader(
  { endpoint: 'transcript', pattern: /^\/call\/transcript\/([^/]+)$/ },
  { endpoint: 'analysis', pattern: /^\/call\/v2\/transcript_analysis\/([^/]+)$/ },
);

/** How many requests there were about a call, and how many transcripts were sent. */
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
