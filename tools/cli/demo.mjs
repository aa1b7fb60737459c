import { Failure } from './failure.mjs';

const simulated = 3;
const horizonDays = 20;

/** Results are the contract's messages as JSON; both ways JSON names a field are understood. */
export function field(message, name) {
  const camel = name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  return message?.[name] ?? message?.[camel];
}

/** The trading coach over REST, as a client would: import, the scoring that follows by itself, simulations, the week's digest. */
export class Demo {
  constructor({ rest, input, progress }) {
    this.rest = rest;
    this.input = input;
    this.progress = progress;
    this.jobs = [];
  }

  async run() {
    const imported = await this.#import();
    const scored = await this.#score(imported);
    const trips = await this.#roundTrips();
    const simulations = await this.#simulate(trips);
    const digest = await this.#digest(trips);
    return {
      imported: importedRows(imported.result),
      scored,
      simulations,
      digest,
      statusUrl: await this.#statusLink(digest.jobId),
      jobs: this.jobs,
      traceId: imported.trace_id,
    };
  }

  async #import() {
    const { name, bytes, format, mapping, userId } = this.input;
    const form = new FormData();
    form.set('user_id', userId);
    form.set('format', format);
    if (mapping) form.set('mapping', JSON.stringify(mapping));
    form.set('file', new Blob([bytes]), name);
    const job = await this.#job('importing', () => this.rest.post('/v1/trades/imports', form));
    if (importedRows(job.result) === 0)
      throw new Failure(`No trade of ${name} could be imported: ${JSON.stringify(job.result)}`);
    return job;
  }

  /** The import enqueues it in the transaction of its own outcome. */
  async #score({ id }) {
    const job = await this.progress.step('scoring', async (update) => {
      const { follow_ups: followUps } = await this.rest.get(`/v1/jobs/${id}`);
      for (const followUp of followUps ?? []) {
        const done = await this.rest.finished(followUp, (state) => update(label('scoring', state)));
        this.jobs.push(done);
        if (done.kind === 'trading.score_bias')
          return { ...done, summary: `scored ${field(done.result, 'trades')} trades` };
      }
      throw new Failure('The import ended well, but no scoring followed it.');
    });
    const { result } = job;
    if (!field(result, 'trades')) throw new Failure(`Nothing was scored: ${JSON.stringify(result)}`);
    return result;
  }

  async #roundTrips() {
    const answer = await this.rest.get(`/v1/round-trips?user_id=${encodeURIComponent(this.input.userId)}`);
    const trips = Array.isArray(answer) ? answer : (field(answer, 'round_trips') ?? answer.items ?? answer.data ?? []);
    if (trips.length === 0) throw new Failure('The fills make no closed trade, so there is nothing to simulate.');
    return trips;
  }

  async #simulate(trips) {
    const results = [];
    for (const { id } of trips.slice(0, simulated)) {
      const body = { user_id: this.input.userId, round_trip_id: id, horizon_days: horizonDays };
      const job = await this.#job(`simulating trade ${results.length + 1}`, () =>
        this.rest.post('/v1/simulations', body),
      );
      results.push(job.result);
    }
    return results;
  }

  async #digest(trips) {
    const body = { user_id: this.input.userId, week_of: lastClose(trips) };
    const job = await this.#job('writing the digest', () => this.rest.post('/v1/digests', body));
    const id = field(job.result, 'digest_id');
    const digest = await this.rest.get(`/v1/digests/${id}`);
    const stats = field(digest, 'stats') ?? field(digest, 'statistics');
    if (!stats) throw new Failure(`The digest ${id} has no statistics.`);
    const page = field(digest, 'page') ?? `/v1/digests/${id}/page`;
    return { id, jobId: job.id, url: `${this.rest.url}${page}`, stats };
  }

  /** What one would send to somebody who waits for the digest. */
  async #statusLink(jobId) {
    const { url } = await this.rest.post(`/v1/jobs/${jobId}/status-links`, {});
    return url;
  }

  #job(title, accept) {
    return this.progress.step(title, async (update) => {
      const accepted = await accept();
      const job = await this.rest.finished(field(accepted, 'job_id') ?? accepted.id, (state) =>
        update(label(title, state)),
      );
      this.jobs.push(job);
      return { ...job, summary: title };
    });
  }
}

/** What is worth a line: a percentage, or a state in which a job should not be for long. */
function label(title, { state, progress }) {
  const percent = progress?.percent ?? progress;
  if (typeof percent === 'number' && percent > 0) return `${title}: ${Math.round(percent)} %`;
  return ['queued', 'running', 'succeeded'].includes(state) ? title : `${title} (${state})`;
}

/** Rows of the file that are stored now, whether this run stored them or an earlier one. */
export function importedRows(result) {
  return (field(result, 'fetched') ?? 0) - (field(result, 'failed') ?? 0);
}

/** The date of the newest exit: its week has something to digest. */
export function lastClose(trips) {
  const times = trips
    .map((trip) => field(trip, 'closed_at') ?? field(trip, 'exit_at') ?? field(trip, 'exit_ts'))
    .filter(Boolean);
  if (times.length === 0)
    throw new Failure(`A round trip does not say when it was closed: ${JSON.stringify(trips[0])}`);
  return new Date(times.sort().at(-1)).toISOString().slice(0, 10);
}
