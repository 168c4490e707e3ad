/** Checks of `deploy/` that need no running servers. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import {
  panelQueries,
  PROMETHEUS_CONFIG,
  readPanels,
  readRules,
  readYaml,
  RULE_TESTS,
  RULES,
} from './deploy-files.mjs';

/** Returns the checks: `{name, run}`. `run` throws the reason if the check fails. */
export function staticChecks({ promtool }) {
  const run = (...args) => execFileSync(promtool, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return [
    { name: 'the configuration of Prometheus is valid', run: () => run('check', 'config', PROMETHEUS_CONFIG) },
    { name: 'the rules are valid', run: () => run('check', 'rules', '--lint=all', '--lint-fatal', RULES) },
    { name: 'the tests of the rules pass', run: () => run('test', 'rules', RULE_TESTS) },
    { name: 'every alert has a test in which it fires, and one in which it does not', run: checkDirections },
    { name: 'every alert says what happened and what to do', run: checkAnnotations },
    { name: 'the queries of the dashboard can be parsed', run: () => checkSyntax(run) },
    { name: 'the panels have descriptions, and ids in their order', run: checkPanels },
  ];
}

/** Returns the samples of ALERTS that the tests expect for an alert, a list for each test. */
function expectedSamples(alert) {
  const expr = `ALERTS{alertname="${alert}", alertstate="firing"}`;
  return readYaml(RULE_TESTS)
    .tests.flatMap(({ promql_expr_test: tests = [] }) => tests)
    .filter((test) => test.expr === expr)
    .map(({ exp_samples: samples }) => samples);
}

function alerts() {
  return readRules().filter(({ alert }) => alert !== undefined);
}

function checkDirections() {
  const lacking = alerts().flatMap(({ alert }) => {
    const tests = expectedSamples(alert);
    const isFiring = tests.some((samples) => samples.length > 0);
    const isSilent = tests.some((samples) => samples.length === 0);
    return [...(isFiring ? [] : [`${alert} never fires`]), ...(isSilent ? [] : [`${alert} is never silent`])];
  });
  refuse(lacking);
}

/** An annotation that names a label which the alert lacks would show a gap. The tests know an alert's labels. */
function checkAnnotations() {
  const wrong = alerts().flatMap(({ alert, labels = {}, annotations: { summary, action } = {} }) => {
    if (!summary || !action) return [`${alert} lacks a summary or an action`];
    if (!['critical', 'warning', 'info'].includes(labels.severity)) return [`${alert} has no severity`];
    const firing = expectedSamples(alert).flat();
    return Array.from(`${summary} ${action}`.matchAll(/\$labels\.(\w+)/g), ([, label]) => label)
      .filter((label) => !firing.every(({ labels: text }) => new RegExp(`[{ ]${label}="`).test(text)))
      .map((label) => `${alert} has no label ${label}`);
  });
  refuse(wrong);
}

/** Checks the queries as the expressions of rules, because Debian's promtool parses no query alone. */
function checkSyntax(run) {
  const folder = mkdtempSync(join(tmpdir(), 'callweave-queries-'));
  try {
    const file = join(folder, 'queries.yml');
    const rules = panelQueries().map(({ expr }, index) => ({ record: `query:${index}`, expr }));
    writeFileSync(file, stringify({ groups: [{ name: 'queries', rules }] }));
    run('check', 'rules', '--lint=none', file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function checkPanels() {
  const panels = readPanels();
  const ids = panels.map(({ id }) => id);
  const wrong = panels.filter(({ description, targets }) => !description || targets.length === 0);
  refuse(wrong.map(({ title }) => `"${title}" lacks a description or a query`));
  if (ids.some((id, index) => index > 0 && id <= ids[index - 1])) throw new Error(`ids: ${ids.join(', ')}`);
}

function refuse(reasons) {
  if (reasons.length > 0) throw new Error(reasons.join('\n'));
}
