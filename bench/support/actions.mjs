/**
 * History events and billable actions of Temporal Cloud, counted from the histories of runs by
 * https://docs.temporal.io/cloud/actions (as of November 2026): a start by a client or a continue-as-new is one, a start by
 * a schedule three, a child two; each attempt of an activity, timer, signal, update, change of search attributes and marker
 * is one. Queries and the heartbeats that reach the server count too, but leave no trace in a history.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { sum } from './figures.mjs';

const SCHEDULE_START = 2;
const CHILD_START = 2;

/** Attributes of the events that are one action each. */
const ONE_EACH = [
  'activityTaskScheduledEventAttributes',
  'timerStartedEventAttributes',
  'workflowExecutionSignaledEventAttributes',
  'workflowExecutionUpdateAcceptedEventAttributes',
  'upsertWorkflowSearchAttributesEventAttributes',
  'markerRecordedEventAttributes',
];

/**
 * Returns `{type, events, bytes, actions}` of all runs that a query finds and that have ended. The list may lag, so it is read
 * until `isThere` finds in it what was started.
 */
export async function costsOfRuns({ client, query, isThere }) {
  for (let attempt = 0; attempt < 150; attempt += 1) {
    const runs = [];
    for await (const run of client.workflow.list({ query })) runs.push(run);
    if (isThere(runs) && runs.every(({ status }) => status.name !== 'RUNNING')) return costsOf(client, runs);
    await sleep(200);
  }
  throw new Error(`Temporal does not list what was started: ${query}.`);
}

async function costsOf(client, runs) {
  const costs = [];
  for (const { workflowId, runId, type, historySize: bytes, searchAttributes } of runs) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const isScheduled = Object.hasOwn(searchAttributes, 'TemporalScheduledById');
    const actions = sum(events.map(actionsOf)) + (isScheduled ? SCHEDULE_START : 0);
    costs.push({ type, events: events.length, bytes, actions });
  }
  return costs;
}

/** Returns the actions of one event. Those of a child's start are counted in its parent. */
function actionsOf(event) {
  const { workflowExecutionStartedEventAttributes: start, activityTaskStartedEventAttributes: attempt } = event;
  if (start) return start.parentWorkflowExecution && !start.continuedExecutionRunId ? 0 : 1;
  if (attempt) return attempt.attempt - 1;
  if (event.startChildWorkflowExecutionInitiatedEventAttributes) return CHILD_START;
  return ONE_EACH.some((name) => event[name]) ? 1 : 0;
}
