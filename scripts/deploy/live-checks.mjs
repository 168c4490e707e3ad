/** Checks of the queries of `deploy/` on a Prometheus that scrapes a running worker. */
import { setTimeout as sleep } from 'node:timers/promises';
import { metricsOf, panelQueries, readRules } from './deploy-files.mjs';

/** Metrics that a worker serves only after something went wrong, each with what that is. */
const ONLY_AFTER_FAILURES = {
  temporal_workflow_failed_total: 'a run of a workflow has failed',
  temporal_workflow_task_execution_failed_total: 'a workflow task has failed',
  temporal_request_failure_total: 'Temporal has refused a request',
};

/** Query that shows something only while an alert fires. */
const FIRING = /^ALERTS\{/;

/** Alerts whose conditions a slow machine may meet for a moment, long before they fire. */
const MET_BY_SLOWNESS = [
  'CallweaveNotFresh',
  'CallweaveNoFreeSlots',
  'CallweaveWorkflowTasksLate',
  'CallweaveActivitiesLate',
];

/** A worker reads its gauges every 15 seconds; the first run of a busy machine takes some more. */
const DATA_WITHIN_MS = 75_000;

/** Returns the checks: `{name, run}`. `run` throws the reason if the check fails. */
export function liveChecks({ ask }) {
  const answersOf = async (expr) => (await ask('query', { query: expr })).result;
  const deadline = Date.now() + DATA_WITHIN_MS;
  const rules = readRules();
  return [
    ...panelQueries().map(({ name, expr }) => ({
      name: `panel "${name}"`,
      run: () => (isRare(expr) ? answersOf(expr) : untilData({ answersOf, expr, deadline })),
    })),
    ...rules
      .filter(({ record }) => record !== undefined)
      .map(({ record }) => ({ name: `rule ${record}`, run: () => untilData({ answersOf, expr: record, deadline }) })),
    ...rules
      .filter(({ alert }) => alert !== undefined)
      .map(({ alert, expr }) => ({
        name: `alert ${alert}`,
        run: () => checkAlert({ answersOf, alert, expr, deadline }),
      })),
    { name: 'Prometheus evaluates all rules', run: () => checkEvaluated(ask, rules) },
  ];
}

/** True if the query may show nothing as long as all is well. */
function isRare(expr) {
  const metrics = metricsOf(expr);
  return FIRING.test(expr) || (metrics.length > 0 && metrics.every((name) => Object.hasOwn(ONLY_AFTER_FAILURES, name)));
}

/** Repeats a query until it gives a number. Throws at the deadline, or if the query is wrong. */
async function untilData({ answersOf, expr, deadline }) {
  for (;;) {
    const answers = await answersOf(expr);
    if (answers.some(({ value: [, text] }) => text !== 'NaN')) return;
    if (Date.now() > deadline) throw new Error(`gives no data: ${expr}`);
    await sleep(500);
  }
}

/** The worker is well, so the condition must not be met. Each metric in it must be there, unless it is a rare one. */
async function checkAlert({ answersOf, alert, expr, deadline }) {
  const metrics = metricsOf(expr).filter((name) => !Object.hasOwn(ONLY_AFTER_FAILURES, name));
  for (const metric of metrics) await untilData({ answersOf, expr: metric, deadline });
  const answers = await answersOf(expr);
  if (answers.length > 0 && !MET_BY_SLOWNESS.includes(alert)) {
    throw new Error(`its condition is met although the worker is well: ${JSON.stringify(answers)}`);
  }
}

async function checkEvaluated(ask, rules) {
  const { groups } = await ask('rules');
  const evaluated = groups.flatMap((group) => group.rules);
  const failing = evaluated.filter(({ health }) => health !== 'ok');
  if (failing.length > 0) throw new Error(failing.map(({ name, lastError }) => `${name}: ${lastError}`).join('\n'));
  if (evaluated.length !== rules.length) throw new Error(`it has ${evaluated.length} of ${rules.length} rules`);
}
