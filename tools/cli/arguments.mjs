import { parseArgs } from 'node:util';
import { suiteNames } from '../../bench/suite-names.mjs';
import { UsageFailure } from './failure.mjs';

/**
 * Verbs and what each takes. `options` are node:util parseArgs options; `positionals` the most words it takes after the verb, `actions`
 * the closed set for the first of them, `operand` what must follow the action, `only` the actions that an option belongs to;
 * `passThrough` keeps what follows `--`.
 */
export const verbs = {
  demo: {
    summary: 'set up, run the trading coach on the sample fills, print its result',
    options: { json: 'boolean', input: 'string' },
  },
  up: { summary: 'set up and start everything', options: { json: 'boolean', docker: 'boolean' } },
  down: { summary: 'stop everything that was started here', options: { json: 'boolean' } },
  status: { summary: 'what runs, where, and whether it is ready', options: { json: 'boolean' } },
  test: {
    summary: 'set up, run the tests on instances of their own; the last line counts them',
    options: {},
    positionals: Infinity,
    passThrough: true,
    words: '[pattern…] [-- jest options]',
  },
  job: {
    summary: 'show a job, say why it is in its state, or act on it, through REST',
    options: { json: 'boolean', url: 'string', at: 'string' },
    actions: ['show', 'explain', 'run-now', 'reschedule', 'cancel', 'redrive', 'rerun', 'logs'],
    operand: 'ID',
    only: { at: ['reschedule'] },
  },
  topology: {
    summary: "show, apply, check or empty the broker's exchanges and queues",
    options: { json: 'boolean' },
    actions: ['plan', 'apply', 'verify', 'purge'],
  },
  keys: {
    summary: 'a new key for sessions, links, credentials or webhooks; an end to the earlier ones',
    options: { docker: 'boolean' },
    actions: ['rotate', 'retire'],
    operand: 'PURPOSE',
  },
  bench: {
    summary: 'jobs per second, beside BullMQ and the raw broker; rows per second, beside exceljs',
    options: { json: 'boolean', suite: 'string', jobs: 'string', rows: 'string', rounds: 'string' },
  },
  services: {
    summary: 'PostgreSQL and RabbitMQ alone',
    options: { json: 'boolean', env: 'boolean', redis: 'boolean' },
    actions: ['up', 'down', 'status'],
    only: { env: ['up', 'status'], redis: ['up'] },
  },
};

const optionHelp = {
  json: 'print facts as one JSON object',
  input: 'folder with fills.csv or fills.xml (+ mapping.json) and bars/<SYMBOL>.csv',
  url: 'of the gateway; else that of the installation in this folder',
  at: 'when a rescheduled job is to run: 2026-01-31T08:00:00Z',
  docker: 'run everything as containers (docker compose)',
  env: 'print `export NAME=value` lines, for eval',
  suite: `one of ${suiteNames.join(', ')} (${suiteNames[0]})`,
  jobs: 'how many jobs a round has (20000)',
  rows: 'how many rows the sheet has (500000)',
  rounds: 'rounds that are counted (3)',
  redis: 'Redis too (only the benchmark needs it)',
  help: 'this text',
};

/** What stands for the value of an option in the usage. */
const placeholders = { input: 'DIR', url: 'URL', at: 'TIME', suite: 'NAME', jobs: 'N', rows: 'N', rounds: 'N' };

const wholeNumber = { expected: 'a whole number above 0', fits: (text) => /^0*[1-9]\d{0,14}$/.test(text) };
const isWebAddress = (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** What the values of options must be, checked before anything is set up. */
const values = {
  input: { expected: 'a folder', fits: (text) => text !== '' },
  url: { expected: 'an address such as http://127.0.0.1:8080', fits: isWebAddress },
  at: {
    expected: 'a time with its zone, such as 2026-01-31T08:00:00Z',
    fits: (text) => /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(text) && !Number.isNaN(Date.parse(text)),
  },
  suite: { expected: `one of ${suiteNames.join(', ')}`, fits: (text) => suiteNames.includes(text) },
  jobs: wholeNumber,
  rows: wholeNumber,
  rounds: wholeNumber,
};

function checkValues(verb, options) {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value !== 'string' || values[name].fits(value)) continue;
    throw new UsageFailure(`--${name} must be ${values[name].expected}, not "${value}".\n\n${usage(verb)}`);
  }
}

function checkBelonging(verb, { only = {} }, action, options) {
  const wrong = Object.keys(options).find((name) => only[name] && !only[name].includes(action));
  if (wrong)
    throw new UsageFailure(
      `--${wrong} belongs to "${verb} ${only[wrong].join(`", "${verb} `)}", not to "${verb} ${action}".`,
    );
}

function closest(word, candidates) {
  return candidates.find((candidate) => candidate.startsWith(word.slice(0, 2)));
}

/** @returns {{verb: string, action?: string, words: string[], rest: string[], options: Record<string, string | boolean>}} */
export function parseArguments(argv) {
  const [verb, ...others] = argv;
  if (verb === undefined || verb === 'help' || verb === '--help' || verb === '-h')
    return { verb: 'help', words: [], rest: [], options: {} };
  const definition = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (!definition) {
    const near = closest(verb, Object.keys(verbs));
    throw new UsageFailure(
      `Unknown ${verb.startsWith('-') ? 'option' : 'command'} "${verb}".${near ? ` Did you mean "${near}"?` : ''}\n\n${usage()}`,
    );
  }
  const split = others.indexOf('--');
  const own = split < 0 ? others : others.slice(0, split);
  const rest = split < 0 ? [] : others.slice(split + 1);
  const { values: options, positionals: words } = parseOptions(verb, definition, own);
  if (options.help) return { verb: 'help', action: verb, words: [], rest: [], options };
  checkValues(verb, options);
  if (rest.length > 0 && !definition.passThrough)
    throw new UsageFailure(`"${verb}" takes nothing after "--".\n\n${usage(verb)}`);
  if (!definition.actions) {
    if (words.length > (definition.positionals ?? 0))
      throw new UsageFailure(`"${verb}" does not take "${words[0]}".\n\n${usage(verb)}`);
    return { verb, words, rest, options };
  }
  const [action, ...operands] = words;
  const extra = operands[definition.operand ? 1 : 0];
  if (!definition.actions.includes(action) || extra !== undefined) {
    const got = action === undefined ? 'none is given' : `"${extra ?? action}" is not one`;
    throw new UsageFailure(`"${verb}" needs one of ${definition.actions.join(', ')}; ${got}.`);
  }
  if (definition.operand && operands.length === 0)
    throw new UsageFailure(`"${verb} ${action}" needs ${definition.operand}.\n\n${usage(verb)}`);
  checkBelonging(verb, definition, action, options);
  return { verb, action, words: operands, rest, options };
}

function parseOptions(verb, definition, args) {
  const options = { help: { type: 'boolean', short: 'h' } };
  for (const [name, type] of Object.entries(definition.options)) options[name] = { type };
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new UsageFailure(`${cause.message.split('. To specify')[0].replace(/\.$/, '')}.\n\n${usage(verb)}`);
  }
}

export function usage(verb) {
  if (!verb) {
    const names = Object.entries(verbs).map(
      ([name, { summary, actions, operand }]) =>
        `  ${`${name}${operand ? ` ACTION ${operand}` : actions ? ` ${actions.join('|')}` : ''}`.padEnd(28)} ${summary}`,
    );
    return [
      'Usage: ./roundhouse <command> [options]',
      '',
      ...names,
      '',
      '`./roundhouse <command> --help` lists its options.',
    ].join('\n');
  }
  const { summary, options, actions, operand, words } = verbs[verb];
  const names = [...Object.keys(options), 'help'];
  const lines = names.map(
    (name) =>
      `  ${`--${name}${options[name] === 'string' ? ` ${placeholders[name]}` : ''}`.padEnd(14)} ${optionHelp[name]}`,
  );
  return [
    `Usage: ./roundhouse ${verb}${actions ? ` ${actions.join('|')}` : ''}${operand ? ` ${operand}` : ''} [options]${words ? ` ${words}` : ''}`,
    '',
    `${summary}`,
    '',
    ...lines,
  ].join('\n');
}
