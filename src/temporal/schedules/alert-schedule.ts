import type { Client, ScheduleDescription, ScheduleOptions } from '@temporalio/client';
import { ALERTS, searchAttributesOf, WORKFLOW_TASK_QUEUE } from '../../workflows/ids.js';
import { describeSchedule, removeSchedule } from './schedule-operations.js';
import {
  applyUnlessRefused,
  plannedRemoval,
  planSchedule,
  SCHEDULE_POLICIES,
  type AppliedSchedule,
  type PlannedSchedule,
} from './schedules.js';

const INTERVAL_MS = 60_000;

/** Schedule of the installation that looks what needs a person. */
function alertSchedule(): ScheduleOptions {
  const typedSearchAttributes = searchAttributesOf({ account: null, mode: ALERTS.mode });
  return {
    scheduleId: ALERTS.id,
    spec: { intervals: [{ every: INTERVAL_MS, offset: 0 }] },
    policies: SCHEDULE_POLICIES,
    typedSearchAttributes,
    action: {
      type: 'startWorkflow',
      workflowType: ALERTS.type,
      workflowId: ALERTS.id,
      taskQueue: WORKFLOW_TASK_QUEUE,
      args: [],
      typedSearchAttributes,
      staticSummary: ALERTS.summary,
    },
  };
}

/** Reads the schedule of alerts from the server; null if there is none, or if another program made it. */
export async function describeAlertSchedule(client: Client): Promise<ScheduleDescription | null> {
  const description = await describeSchedule(client, ALERTS.id);
  return description?.action.workflowType === ALERTS.type ? description : null;
}

/** Creates or updates the schedule of alerts if it is wanted, keeping an operator's pause; else removes it. */
export async function applyAlertSchedule(client: Client, { isWanted }: Wanted): Promise<AppliedSchedule[]> {
  if (isWanted) return [await applyUnlessRefused(client, alertSchedule())];
  if ((await describeAlertSchedule(client)) === null || !(await removeSchedule(client, ALERTS.id))) return [];
  return [{ scheduleId: ALERTS.id, action: 'removed', paused: false }];
}

/** Returns the change that {@link applyAlertSchedule} would make, and changes nothing. */
export async function planAlertSchedule(client: Client, { isWanted }: Wanted): Promise<PlannedSchedule[]> {
  if (isWanted) return [await planSchedule(client, alertSchedule())];
  return (await describeAlertSchedule(client)) === null ? [] : [plannedRemoval({ scheduleId: ALERTS.id })];
}

interface Wanted {
  /** True if an alert URL is set. */
  readonly isWanted: boolean;
}
