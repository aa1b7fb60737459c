import {
  jobKinds,
  SubmitJobsRequest,
  SubmitJobsRequest_Mode,
  SubmitJobsResponse,
  type KindName,
  type RequestOf,
} from '@roundhouse/contracts';
import { readEvents, type ServerEvent } from './event-stream.js';
import { errorFrom, RoundhouseError } from './roundhouse-error.js';

export interface ClientOptions {
  /** Of the gateway, e.g. "https://jobs.example.org". */
  url: string;
  apiKey: string;
  /** @default the global fetch */
  fetch?: typeof fetch;
}

export interface SubmitOptions {
  /** Not to run before. */
  runAt?: Date;
  /** Makes a repeated request answer like the first one. */
  idempotencyKey?: string;
}

/** A job as the REST API shows it; see the OpenAPI document. */
export interface Job {
  id: string;
  kind: string;
  state: 'scheduled' | 'queued' | 'running' | 'retrying' | 'blocked' | 'succeeded' | 'dead' | 'cancelled';
  attempt: number;
  progress: { percent: number; message: string } | null;
  result: unknown;
  error: { code: string; message: string; field?: string } | null;
  trace_id: string | null;
  follow_ups: string[];
  /** Job that this one is run again of. */
  rerun_of: string | null;
  reruns: string[];
}

export interface JobToSubmit<K extends KindName = KindName> {
  kind: K;
  request: RequestOf<K>;
  runAt?: Date;
}

const bulkLimit = 1_000;
const protobuf = 'application/x-protobuf';

interface Encoder {
  encode(message: unknown): { finish(): Uint8Array };
}

function encodePayload(kind: KindName, request: unknown): Buffer {
  return Buffer.from((jobKinds[kind].request as unknown as Encoder).encode(request).finish());
}

/** Submits, follows and cancels jobs. Requests are typed by the kind's name. Throws RoundhouseError. */
export class RoundhouseClient {
  private readonly base: string;
  private readonly fetch: typeof fetch;

  constructor(private readonly options: ClientOptions) {
    this.base = options.url.replace(/\/+$/, '');
    this.fetch = options.fetch ?? fetch;
  }

  /** Answers the job's id once it is committed. */
  async submit<K extends KindName>(kind: K, request: RequestOf<K>, options: SubmitOptions = {}): Promise<string> {
    const [id] = await this.submitAll([{ kind, request, runAt: options.runAt }], options.idempotencyKey);
    return id as string;
  }

  /**
   * Answers the jobs' ids, in order. Up to 1,000 are stored together or not at all; more are sent in portions of that
   * size, one after the other, and an error leaves the portions before it stored.
   */
  async submitMany(
    jobs: readonly JobToSubmit[],
    options: Pick<SubmitOptions, 'idempotencyKey'> = {},
  ): Promise<string[]> {
    const ids: string[] = [];
    for (let at = 0; at < jobs.length; at += bulkLimit) {
      const key = options.idempotencyKey && `${options.idempotencyKey}#${at}`;
      ids.push(...(await this.submitAll(jobs.slice(at, at + bulkLimit), key)));
    }
    return ids;
  }

  async get(id: string): Promise<Job> {
    return (await this.call('GET', `/v1/jobs/${encodeURIComponent(id)}`).then((r) => r.json())) as Job;
  }

  async cancel(id: string): Promise<void> {
    await this.call('POST', `/v1/jobs/${encodeURIComponent(id)}/cancel`).then((r) => r.arrayBuffer());
  }

  /** Resolves when the job is over, whatever its end; reconnects and goes on where it was. */
  async wait(id: string, signal?: AbortSignal): Promise<Job> {
    for await (const { event, data } of this.follow(id, signal)) if (event === 'end') return data as Job;
    return this.get(id);
  }

  /** What happens to a job, from its beginning. Ends after the event `end`. */
  follow(id: string, signal?: AbortSignal): AsyncGenerator<ServerEvent> {
    return readEvents((lastEventId) => this.stream(`/v1/jobs/${encodeURIComponent(id)}/events`, lastEventId, signal), {
      until: 'end',
      signal,
    });
  }

  /** Domain events of the tenant, for ever. @param after the id of the last one that was seen */
  events(
    options: { types?: readonly string[]; after?: string; signal?: AbortSignal } = {},
  ): AsyncGenerator<ServerEvent> {
    const { types, after, signal } = options;
    const path = types ? `/v1/events?type=${encodeURIComponent(types.join(','))}` : '/v1/events';
    return readEvents((lastEventId) => this.stream(path, lastEventId ?? after, signal), { signal });
  }

  private async submitAll(jobs: readonly JobToSubmit[], idempotencyKey?: string): Promise<string[]> {
    const body = SubmitJobsRequest.encode({
      mode: SubmitJobsRequest_Mode.ALL_OR_NOTHING,
      jobs: jobs.map(({ kind, request, runAt }) => ({ kind, payload: encodePayload(kind, request), runAt })),
    }).finish();
    const headers = {
      'content-type': protobuf,
      accept: protobuf,
      ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
    };
    const response = await this.call('POST', '/v1/jobs/bulk', { headers, body });
    const answer = SubmitJobsResponse.decode(new Uint8Array(await response.arrayBuffer()));
    return answer.jobs.map((job) => job.id);
  }

  private stream(path: string, lastEventId: string | undefined, signal: AbortSignal | undefined): Promise<Response> {
    const headers = { accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) };
    return this.call('GET', path, { headers, signal });
  }

  private async call(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.options.apiKey}`, ...(init.headers as Record<string, string>) };
    const response = await this.fetch(this.base + path, { ...init, method, headers, redirect: 'error' });
    if (!response.ok) throw await errorFrom(response);
    return response;
  }
}

/** Whether sending the same request again later may help. */
export function isRetryable(error: unknown): boolean {
  return error instanceof RoundhouseError ? error.status >= 500 || error.status === 429 : error instanceof TypeError;
}
