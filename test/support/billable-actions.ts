import type { WorkflowHandle } from '@temporalio/client';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];

/**
 * Counts what Temporal Cloud bills for a run: https://docs.temporal.io/evaluate/cloud/actions. A heartbeat and a query
 * leave no event, so they are not counted.
 */
export function billableActions({ events }: History): number {
  return (events ?? []).reduce((actions, event) => actions + actionsOf(event), 0);
}

function actionsOf(event: HistoryEvent): number {
  const { workflowExecutionStartedEventAttributes: started, activityTaskStartedEventAttributes: activity } = event;
  if (started != null) return isScheduled(started) ? 3 : 1;
  // The first attempt counts when it is scheduled.
  if (activity != null) return (activity.attempt ?? 1) - 1;
  if (event.startChildWorkflowExecutionInitiatedEventAttributes != null) return 2;
  const single = [
    event.activityTaskScheduledEventAttributes,
    event.timerStartedEventAttributes,
    event.workflowExecutionSignaledEventAttributes,
    event.upsertWorkflowSearchAttributesEventAttributes,
    event.markerRecordedEventAttributes,
  ];
  return single.some((attributes) => attributes != null) ? 1 : 0;
}

function isScheduled({
  searchAttributes,
}: NonNullable<HistoryEvent['workflowExecutionStartedEventAttributes']>): boolean {
  return searchAttributes?.indexedFields?.['TemporalScheduledById'] !== undefined;
}
