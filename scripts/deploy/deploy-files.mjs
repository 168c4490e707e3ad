/** The files of `deploy/`, and the queries in them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../prepare.mjs';

export const PROMETHEUS_CONFIG = join(root, 'deploy/prometheus/prometheus.yml');
export const RULES = join(root, 'deploy/prometheus/rules.yml');
export const RULE_TESTS = join(root, 'deploy/prometheus/rules.test.yml');
const DASHBOARD = join(root, 'deploy/grafana/dashboard.json');

export function readYaml(path) {
  return parse(readFileSync(path, 'utf8'));
}

/** Returns the rules: `{record, expr}` or `{alert, expr, annotations}`. */
export function readRules() {
  return readYaml(RULES).groups.flatMap(({ rules }) => rules);
}

/** Returns the panels that have queries. */
export function readPanels() {
  const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8'));
  return panels.filter(({ type }) => type !== 'row');
}

/** Returns the queries of the panels as Grafana sends them for all accounts: `{name, expr}`. */
export function panelQueries() {
  return readPanels().flatMap(({ title, targets }) =>
    targets.map(({ refId, expr }) => ({
      name: targets.length === 1 ? title : `${title} (${refId})`,
      expr: expr.replaceAll('$account', '.*').replaceAll('$__rate_interval', '1m'),
    })),
  );
}

/** Returns the names of the metrics of callweave and of Temporal's SDK that a query uses. */
export function metricsOf(expr) {
  return [...new Set(expr.match(/(?<![\w:])(?:callweave|temporal)_\w+/g) ?? [])];
}
