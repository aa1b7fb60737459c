import { parseArgs } from 'node:util';
import { suiteNames } from './suite-names.mjs';
import { acceptSuite, describeAccept } from './suites/accept.mjs';
import { describeJobs, jobsSuite } from './suites/jobs.mjs';
import { describeMesh, meshSuite } from './suites/mesh.mjs';
import { describeScoring, scoringSuite } from './suites/scoring.mjs';
import { describeSpreadsheets, spreadsheetsSuite } from './suites/spreadsheets.mjs';

const suites = {
  jobs: { run: jobsSuite, describe: describeJobs },
  accept: { run: acceptSuite, describe: describeAccept },
  mesh: { run: meshSuite, describe: describeMesh },
  scoring: { run: scoringSuite, describe: describeScoring },
  spreadsheets: { run: spreadsheetsSuite, describe: describeSpreadsheets },
};

const usage = `usage: bench [--suite ${suiteNames.join('|')}] [--jobs N] [--rows N] [--rounds N] [--json]`;

/** The caller's mistake: where it was noticed tells them nothing. */
class UsageError extends Error {}

function wholeNumber(values, name, fallback) {
  const text = values[name];
  if (text === undefined) return fallback;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new UsageError(`--${name} must be a whole number above 0, not ${text}`);
  return number;
}

function settings(argv) {
  const text = { type: 'string' };
  const options = { suite: text, jobs: text, rows: text, rounds: text, json: { type: 'boolean' } };
  const { values, positionals } = parseArgs({ args: argv, options, allowPositionals: true });
  const names = [...new Set([...(values.suite ? [values.suite] : []), ...positionals])];
  const unknown = names.find((name) => !suiteNames.includes(name));
  if (unknown !== undefined) throw new UsageError(`There is no suite ${unknown}.\n${usage}`);
  return {
    names: names.length > 0 ? names : [suiteNames[0]],
    jobs: wholeNumber(values, 'jobs', 20_000),
    rows: wholeNumber(values, 'rows', 500_000),
    rounds: wholeNumber(values, 'rounds', 3),
    json: values.json === true,
  };
}

const note = (text) => process.stderr.write(`${text}\n`);

try {
  const { names, json, ...options } = settings(process.argv.slice(2));
  for (const name of names) {
    const result = await suites[name].run({ ...options, note });
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${suites[name].describe(result)}\n`);
  }
} catch (error) {
  note(error instanceof UsageError ? error.message : (error.stack ?? String(error)));
  process.exitCode = 1;
}
