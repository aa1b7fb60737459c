import { expect, test } from '@jest/globals';
import { logLines, metricTable, spanAttributes, spanNames } from '@roundhouse/telemetry';
import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../docs/observability.md', import.meta.url), 'utf8');

/** A name that depends on something is documented with its parameters: `outbox publish <queue>`. */
function documentedName(name) {
  if (typeof name === 'string') return name;
  const [, parameters] = /^\(?([^)=]*)\)?\s*=>/.exec(String(name));
  return name(...parameters.split(',').map((parameter) => `<${parameter.trim()}>`));
}

test.each(Object.values(spanNames).map(documentedName))('span "%s" is on the page', (name) => {
  expect(page).toContain(`\`${name}\``);
});

test.each(Object.values(spanAttributes))('attribute %s is on the page', (name) => {
  expect(page).toContain(`\`${name}\``);
});

test.each(Object.values(metricTable))(
  'metric $name is on the page, with its type and labels',
  ({ name, type, labels }) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\``));
    expect(row).toBeDefined();
    expect(row).toContain(`| ${type} `);
    expect(labels.filter((label) => !row.includes(`\`${label}\``))).toEqual([]);
  },
);

test.each(Object.entries(logLines))('log line %s is on the page, with its level and text', (event, [level, text]) => {
  const row = page.split('\n').find((line) => line.startsWith(`| \`${event}\``));
  expect(row).toBeDefined();
  expect(row).toContain(`| ${level} `);
  expect(row).toContain(`| ${text} `);
});

test('the page names nothing that is gone', () => {
  const metrics = new Set(Object.values(metricTable).map(({ name }) => name));
  const events = new Set(Object.keys(logLines));
  const rows = [...page.matchAll(/^\| `([\w.]+)` /gm)].map(([, name]) => name);
  const unknown = rows.filter((name) => name.startsWith('roundhouse_') && !metrics.has(name));
  const logRows = [...page.slice(page.indexOf('\n## Logs')).matchAll(/^\| `([\w.]+)` /gm)].map(([, name]) => name);
  unknown.push(...logRows.filter((name) => !events.has(name)));
  expect(unknown).toEqual([]);
});
