/** Operations on one schedule: pause, resume, start, remove. */
import { randomUUID } from 'node:crypto';
import { isGrpcServiceError, ScheduleNotFoundError, type Client, type ScheduleDescription } from '@temporalio/client';
import { TRANSCRIPTS } from '../../workflows/ids.js';

const SKIP = 'SKIP';
/** `SCHEDULE_OVERLAP_POLICY_SKIP` of the API, whose enum an ES module cannot import. */
const SKIPPED_IF_RUNNING = Object.fromEntries([['overlapPolicy', 1]]);
/** Codes of gRPC that say that there is no such schedule. */
const MISSING: ReadonlySet<number> = new Set([5]);

/** Reads the schedule from the server; null if there is none. */
export async function describeSchedule(client: Client, scheduleId: string): Promise<ScheduleDescription | null> {
  try {
    return await client.schedule.getHandle(scheduleId).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

/** Removes a schedule. Returns false if there was none. A run that it started continues. */
export async function removeSchedule(client: Client, scheduleId: string): Promise<boolean> {
  return ifThere(() => client.schedule.getHandle(scheduleId).delete());
}

/** Pauses a schedule until it is resumed. Returns false if there is none. */
export async function pauseSchedule(client: Client, scheduleId: string, note: string): Promise<boolean> {
  return ifThere(() => client.schedule.getHandle(scheduleId).pause(note));
}

/**
 * Resumes a schedule, and also starts that of transcripts, since looks may be due. Returns false if there is none. Both
 * are one request: of two that arrive together, the server heeds the last only.
 */
export async function resumeSchedule(client: Client, scheduleId: string, note: string): Promise<boolean> {
  const isOfTranscripts = scheduleId.startsWith(`${TRANSCRIPTS.type}/`);
  const { namespace, identity } = client.options;
  try {
    await client.workflowService.patchSchedule({
      namespace,
      identity,
      scheduleId,
      requestId: randomUUID(),
      patch: { unpause: note, ...(isOfTranscripts && { triggerImmediately: SKIPPED_IF_RUNNING }) },
    });
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) && MISSING.has(error.code)) return false;
    throw error;
  }
}

/**
 * Starts the schedule's workflow, unless it runs (the SDK's default would start a second one). False if none exists.
 */
export async function triggerSchedule(client: Client, scheduleId: string): Promise<boolean> {
  return ifThere(() => client.schedule.getHandle(scheduleId).trigger(SKIP));
}

/** Starts the schedule's workflow as {@link triggerSchedule} does, unless an operator has paused the schedule. */
export async function triggerUnlessPaused(client: Client, scheduleId: string): Promise<void> {
  const schedule = await describeSchedule(client, scheduleId);
  if (schedule?.state.paused === false) await triggerSchedule(client, scheduleId);
}

async function ifThere(operation: () => Promise<void>): Promise<boolean> {
  try {
    await operation();
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}
