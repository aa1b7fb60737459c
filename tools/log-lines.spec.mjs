import { describe, expect, test } from '@jest/globals';
import { logLines } from '@roundhouse/telemetry';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The sources of every library and app, without specs and what is generated. */
const sources = ['libs', 'apps']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
  .flatMap((project) =>
    readdirSync(join(root, project, 'src'), { recursive: true })
      .filter((name) => /(?<!\.spec)\.ts$/.test(name) && !/generated/.test(name))
      .map((name) => ({ project, path: `${project}/src/${name}` })),
  )
  .map((source) => ({ ...source, text: readFileSync(join(root, source.path), 'utf8') }));

/** Level, event and text of each line written without the table. */
function freeLines(text) {
  const calls = text.matchAll(/\b[lL]og\.(debug|info|warn|error|fatal)\(\s*\{([^}]*)\},\s*['"`](.*?)['"`],?\s*\)/g);
  return [...calls].map(([, level, fields, line]) => [/\bevent: '([\w.]+)'/.exec(fields)?.[1], level, line]);
}

const ofJobs = sources.filter(({ project }) => project === 'libs/jobs');
const others = sources.filter(({ project }) => project !== 'libs/jobs');

describe('the table of log lines', () => {
  test('free texts would be found', () => {
    expect(freeLines("this.options.log.error(\n  { event: 'a.b', queue },\n  'text',\n);")).toEqual([
      ['a.b', 'error', 'text'],
    ]);
    expect(freeLines("ctx.log.info({ round }, 'text')")).toEqual([[undefined, 'info', 'text']]);
  });

  test('nobody who knows the table writes a text of his own', () => {
    const free = others.flatMap(({ path, text }) => freeLines(text).map((line) => [path, ...line]));
    expect(free).toEqual([]);
  });

  test('libs/jobs, which does not know it, repeats level and text', () => {
    const lines = ofJobs.flatMap(({ text }) => freeLines(text));
    expect(lines.length).toBeGreaterThan(3);
    expect(lines).toEqual(lines.map(([event]) => [event, ...(logLines[event] ?? [])]));
  });

  test.each(Object.keys(logLines))('%s is written somewhere', (event) => {
    const writers = sources.filter(({ path, text }) => !path.endsWith('/log-lines.ts') && text.includes(`'${event}'`));
    expect(writers.length).toBeGreaterThan(0);
  });
});
