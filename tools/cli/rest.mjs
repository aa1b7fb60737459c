import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './failure.mjs';
import { timedFetch } from './timed-fetch.mjs';

const final = new Set(['succeeded', 'dead', 'cancelled']);

/** The REST API as its users see it: JSON, a bearer key, problem+json when something is wrong. */
export class Rest {
  constructor(url, apiKey) {
    this.url = url;
    this.apiKey = apiKey;
  }

  get(path) {
    return this.#call('GET', path);
  }

  post(path, body) {
    const isForm = body instanceof FormData;
    return this.#call(
      'POST',
      path,
      isForm ? body : JSON.stringify(body),
      isForm ? {} : { 'content-type': 'application/json' },
    );
  }

  /**
   * Polls a job until it is final. @param {(job: object) => void} [onState] called with every answer
   * @throws Failure when it ends otherwise than well, or is not final by the deadline
   */
  async finished(jobId, onState = () => {}, { deadlineMs = 180_000 } = {}) {
    const end = Date.now() + deadlineMs;
    for (let wait = 50; ; wait = Math.min(wait * 1.5, 500)) {
      const job = await this.get(`/v1/jobs/${jobId}`);
      onState(job);
      if (job.state === 'succeeded') return job;
      if (final.has(job.state)) throw new Failure(`The job ${jobId} (${job.kind}) is ${job.state}: ${reason(job)}`);
      if (Date.now() > end)
        throw new Failure(
          `The job ${jobId} (${job.kind}) is still ${job.state} after ${deadlineMs / 1000} s: ${reason(job)}`,
        );
      await sleep(wait);
    }
  }

  async #call(method, path, body, headers = {}) {
    const options = {
      method,
      body,
      headers: { accept: 'application/json', authorization: `Bearer ${this.apiKey}`, ...headers },
    };
    let answer;
    try {
      answer = await timedFetch(`${this.url}${path}`, { ...options, timeoutMs: 30_000 });
    } catch (cause) {
      throw new Failure(`${method} ${this.url}${path}: ${cause.cause?.message ?? cause.message}`, { cause });
    }
    const { ok, status, text } = answer;
    if (!ok) throw new Failure(`${method} ${path} was answered with ${status}: ${problem(text)}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

function reason(job) {
  const error = job.error ?? job.last_error ?? job.reason;
  if (!error) return 'no reason given';
  return typeof error === 'string' ? error : [error.code, error.message].filter(Boolean).join(': ');
}

/** The sentence of a problem+json answer, with its fields' paths; anything else as it came. */
export function problem(text) {
  try {
    const { title, detail, code, errors } = JSON.parse(text);
    const fields = (errors ?? []).map(
      ({ path, field, message, detail: what }) => `${path ?? field}: ${message ?? what}`,
    );
    return [code, detail ?? title, ...fields].filter(Boolean).join('; ') || text;
  } catch {
    return text.slice(0, 500);
  }
}
