import { describe, expect, test } from '@jest/globals';
import { metricTable } from '@roundhouse/telemetry';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { findProgram } from './cli/command.mjs';

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'deploy/prometheus');
const text = (path) => readFileSync(join(root, path), 'utf8');
const rules = parse(text('deploy/prometheus/alerts.yml')).groups.flatMap((group) => group.rules);
const ruleTests = parse(text('deploy/prometheus/alerts.test.yml')).tests;
const dashboard = JSON.parse(text('deploy/grafana/dashboards/roundhouse.json'));
const expressionsOfDashboard = [
  ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr])),
  ...dashboard.templating.list.filter(({ type }) => type === 'query').map(({ name, definition }) => [name, definition]),
];

/** Series that /metrics has: a histogram's are named otherwise than itself. */
const series = new Map(
  Object.values(metricTable).flatMap(({ name, type, labels }) =>
    type === 'histogram'
      ? ['_bucket', '_count', '_sum'].map((ending) => [name + ending, [...labels, 'le']])
      : [[name, labels]],
  ),
);
/** Put there by Prometheus. */
const targetLabels = ['job', 'instance'];

/** What an expression asks for that is not there: metrics, and labels that a metric does not have. */
function unknownNames(expression) {
  const unknown = [...expression.matchAll(/\broundhouse_\w+/g)]
    .map(([name]) => name)
    .filter((name) => !series.has(name));
  for (const [, name, selector] of expression.matchAll(/\b(roundhouse_\w+)\{([^}]*)\}/g)) {
    const known = [...(series.get(name) ?? []), ...targetLabels];
    for (const [, label] of selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) {
      if (!known.includes(label)) unknown.push(`${name}{${label}}`);
    }
  }
  return unknown;
}

test.each(rules.map(({ alert, expr }) => [alert, expr]))(
  'alert %s asks for metrics that there are',
  (_, expression) => {
    expect(expression).toMatch(/roundhouse_|\bup\b/);
    expect(unknownNames(expression)).toEqual([]);
  },
);

test.each(expressionsOfDashboard)('panel "%s" asks for metrics that there are', (_, expression) => {
  expect(expression).toContain('roundhouse_');
  expect(unknownNames(expression)).toEqual([]);
});

test('a name that is not there would be found', () => {
  expect(unknownNames('rate(roundhouse_jobs_lost_total[5m])')).toEqual(['roundhouse_jobs_lost_total']);
  expect(unknownNames('roundhouse_execution_seconds{kind="x"}')).toEqual([
    'roundhouse_execution_seconds',
    'roundhouse_execution_seconds{kind}',
  ]);
  expect(unknownNames('roundhouse_outbox_size{tenant=~"a"}')).toEqual(['roundhouse_outbox_size{tenant}']);
});

test('every alert is on the page, with its severity', () => {
  const rows = text('docs/observability.md').split('\n');
  for (const { alert, labels } of rules)
    expect(rows.some((row) => row.startsWith(`| \`${alert}\``) && row.includes(`| ${labels.severity} `))).toBe(true);
});

test('every alert has a test in which it fires, a severity, and a runbook that is there', () => {
  const fired = new Set(
    ruleTests.flatMap(({ alert_rule_test: cases }) =>
      cases.filter(({ exp_alerts: alerts }) => alerts.length > 0).map(({ alertname }) => alertname),
    ),
  );
  for (const { alert, labels, annotations } of rules) {
    expect([alert, fired.has(alert)]).toEqual([alert, true]);
    expect(['critical', 'warning']).toContain(labels.severity);
    const [page, anchor] = annotations.runbook.split('#');
    expect(existsSync(join(root, page))).toBe(true);
    expect([alert, anchorsOf(text(page))]).toEqual([alert, expect.arrayContaining([anchor])]);
  }
});

/** As GitHub makes them of headings. */
function anchorsOf(markdown) {
  const headings = [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

const promtool = findProgram('promtool');
const withPromtool = promtool ? describe : describe.skip;

withPromtool('promtool', () => {
  const run = (...args) => execFileSync(promtool, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });

  test('takes configuration and rules', () => {
    expect(run('check', 'config', 'prometheus.yml')).toContain(`${rules.length} rules found`);
  });

  test('the rules fire when they should and only then', () => {
    expect(run('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
  });
});
