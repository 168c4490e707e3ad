/** For how long a call that does not say that it is over may still be going on. */
const LONGEST_CALL_MS = 30 * 86_400_000;

interface SeenCall {
  readonly startedAt: Date | null;
  /** When the call was first seen. */
  readonly createdAt: Date;
}

/** Whether a call that does not say that it is over may still be going on: for thirty days, counted from its start. */
export function mayBeGoingOn({ startedAt, createdAt }: SeenCall, now: Date): boolean {
  return now.getTime() - (startedAt ?? createdAt).getTime() < LONGEST_CALL_MS;
}
