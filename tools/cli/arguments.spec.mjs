import { describe, expect, test } from '@jest/globals';
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
    [['down', 'everything'], '"down" does not take "everything"'],
    [['down', '--', 'x'], 'takes nothing after "--"'],
    [['topology'], 'needs one of plan, apply, verify; none is given'],
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
