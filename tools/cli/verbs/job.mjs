import { applicationStatus } from '../application.mjs';
import { Failure, UsageFailure } from '../failure.mjs';
import { print, printJson } from '../output.mjs';
import { platformStore } from '../platform.mjs';
import { Rest } from '../rest.mjs';

/** What each action asks of REST, below the job. */
const calls = {
  show: (rest, path) => rest.get(path),
  explain: (rest, path) => rest.get(`${path}/explain`),
  'run-now': (rest, path) => rest.post(`${path}/run-now`, {}),
  reschedule: (rest, path, { at }) => rest.post(`${path}/reschedule`, { run_at: at }),
  cancel: (rest, path) => rest.post(`${path}/cancel`, {}),
  redrive: (rest, path) => rest.post(`${path}/redrive`, {}),
  rerun: (rest, path) => rest.post(`${path}/rerun`, {}),
  logs: (rest, path) => rest.get(`${path}/logs`),
};

/** `job`: one job through REST, with ROUNDHOUSE_API_KEY or as the installation of this folder. */
export async function job({ action, words: [id], options }) {
  if (action === 'reschedule' && !options.at) throw new UsageFailure('"job reschedule" needs --at TIME.');
  const rest = new Rest(await gatewayUrl(options.url), apiKey());
  const answer = await calls[action](rest, `/v1/jobs/${encodeURIComponent(id)}`, options);
  if (options.json) printJson(answer);
  else print((texts[action] ?? lines)(answer));
}

async function gatewayUrl(given) {
  if (given) return given.replace(/\/$/, '');
  const { gateway } = await applicationStatus();
  if (!gateway?.running)
    throw new Failure('No gateway of this folder runs: ./roundhouse up starts it, or give --url URL.');
  return `http://127.0.0.1:${gateway.port}`;
}

function apiKey() {
  const key = process.env.ROUNDHOUSE_API_KEY || platformStore().get('api_key');
  if (!key) throw new Failure('Give an API key in ROUNDHOUSE_API_KEY: this folder has no installation with one.');
  return key;
}

function explained({ state, why, eta }) {
  const by = { progress: 'how far it has come', recent_jobs: 'recent jobs of its kind' };
  const range = eta ? `\nDone between ${eta.earliest} and ${eta.latest}, going by ${by[eta.by]}.` : '';
  return `${state}: ${why}${range}`;
}

function logged({ lines: said, left_out: leftOut }) {
  const text = ({ at, level, message, fields }) =>
    `${at} ${level.padEnd(5)} ${message}${fields ? ` ${JSON.stringify(fields)}` : ''}`;
  return [...said.map(text), ...(leftOut > 0 ? [`${leftOut} lines left out`] : [])].join('\n');
}

/** What people read instead of every field. */
const texts = { explain: explained, logs: logged };

/** One field a line; what is empty is left out. */
function lines(answer) {
  return Object.entries(answer)
    .filter(([, value]) => value !== null && value !== undefined && (!Array.isArray(value) || value.length > 0))
    .map(([name, value]) => `${name.padEnd(20)} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join('\n');
}
