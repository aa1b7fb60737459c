import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { suiteNames } from '../../bench/suite-names.mjs';
import { parseArguments, usage, verbs } from './arguments.mjs';
import { UsageFailure } from './failure.mjs';

describe('the command line', () => {
  test('a verb with its options', () => {
    expect(parseArguments(['demo', '--json', '--input', '/data'])).toMatchObject({
      verb: 'demo',
      options: { json: true, input: '/data' },
    });
    expect(parseArguments(['topology', 'plan', '--json'])).toMatchObject({
      verb: 'topology',
      action: 'plan',
      options: { json: true },
    });
    expect(parseArguments(['services', 'up', '--env'])).toMatchObject({
      verb: 'services',
      action: 'up',
      options: { env: true },
    });
  });

  test('a job, and what to do with it', () => {
    expect(parseArguments(['job', 'cancel', 'some-id', '--url', 'http://x'])).toMatchObject({
      verb: 'job',
      action: 'cancel',
      words: ['some-id'],
      options: { url: 'http://x' },
    });
    expect(usage('job')).toContain('--url URL');
  });

  test('test patterns, and jest options after --', () => {
    expect(parseArguments(['test', 'libs/jobs', 'ledger', '--', '--runInBand', '-t', 'claims'])).toMatchObject({
      words: ['libs/jobs', 'ledger'],
      rest: ['--runInBand', '-t', 'claims'],
    });
  });

  test.each([[[]], [['--help']], [['-h']], [['help']]])('%j is help', (argv) => {
    expect(parseArguments(argv).verb).toBe('help');
  });

  test('every suite that may be named is there', () => {
    for (const name of suiteNames)
      expect(existsSync(new URL(`../../bench/suites/${name}.mjs`, import.meta.url))).toBe(true);
  });

  test('help of a verb lists its options', () => {
    expect(parseArguments(['demo', '--help'])).toMatchObject({ verb: 'help', action: 'demo' });
    expect(usage('demo')).toContain('--input DIR');
    for (const verb of Object.keys(verbs)) expect(usage()).toContain(verb);
  });

  test.each([
    [['dmeo'], 'Unknown command "dmeo"'],
    [['topologie'], 'Did you mean "topology"?'],
    [['constructor'], 'Unknown command "constructor"'],
    [['--json'], 'Unknown option "--json"'],
    [['up', '--jsn'], "Unknown option '--jsn'"],
    [['up', '--json=yes'], "'--json' does not take an argument"],
    [['demo', '--input'], "'--input <value>' argument missing"],
    [['bench', '--suite', 'nope'], '--suite must be one of jobs, accept, mesh, scoring, spreadsheets, not "nope"'],
    [['bench', 'mesh'], '"bench" does not take "mesh"'],
    [['bench', '--jobs', 'many'], '--jobs must be a whole number above 0, not "many"'],
    [['bench', '--rows', '0'], '--rows must be a whole number above 0'],
    [['bench', '--rounds', '1.5'], '--rounds must be a whole number above 0'],
    [['demo', '--input', ''], '--input must be a folder'],
    [['demo', '--docker'], "Unknown option '--docker'"],
    [['status', '--env'], "Unknown option '--env'"],
    [['test', '--watch'], "Unknown option '--watch'"],
    [['job', 'show', 'some-id', '--url', 'localhost'], '--url must be an address such as http://'],
    [['job', 'reschedule', 'some-id', '--at', 'tomorrow'], '--at must be a time with its zone'],
    [['job', 'show', 'some-id', '--at', '2026-01-31T08:00:00Z'], '--at belongs to "job reschedule"'],
    [['services', 'down', '--env'], '--env belongs to "services up", "services status"'],
    [['services', 'status', '--redis'], '--redis belongs to "services up"'],
    [['topology', 'verify', '--suite', 'jobs'], "Unknown option '--suite'"],
    [['down', 'everything'], '"down" does not take "everything"'],
    [['down', '--', 'x'], 'takes nothing after "--"'],
    [['topology'], 'needs one of plan, apply, verify, purge; none is given'],
    [['topology', 'destroy'], '"destroy" is not one'],
    [['job', 'show'], '"job show" needs ID'],
    [['job', 'kill', 'some-id'], '"kill" is not one'],
    [['job', 'show', 'some-id', 'more'], '"more" is not one'],
    [['services', 'up', 'now'], '"now" is not one'],
  ])('%j is refused with exit code 2', (argv, message) => {
    let failure;
    try {
      parseArguments(argv);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(UsageFailure);
    expect(failure.exitCode).toBe(2);
    expect(failure.message).toContain(message);
  });
});
