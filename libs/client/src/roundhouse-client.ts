import {
  jobKinds,
  SubmitJobsRequest,
  SubmitJobsRequest_Mode,
  SubmitJobsResponse,
  UniqueRule_Mode,
  UniqueRule_WhileRunning,
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

/** How a job is one of its kind; what is not given is as the kind says. See docs/unique-jobs.md. */
export interface Unique {
  /** Jobs of the kind with the same key are the same. @default those with the same values of the kind's unique fields */
  key?: string;
  mode?: 'reject' | 'return_existing' | 'replace' | 'debounce' | 'throttle';
  periodSeconds?: number;
  whileRunning?: 'replace_next' | 'queue_next' | 'drop';
  /** Of debounce. */
  maxWaitSeconds?: number;
  /** Of debounce. */
  leading?: boolean;
}

/** Where the payload of a request has gone. */
export interface Submitted {
  /** The job, or the one that had its unique key. */
  id: string;
  /** The job was there before: it has the payload now, unless there is a follower, or it was dropped. */
  existing: boolean;
  /** The job that runs the payload as soon as `id` is over. */
  followerId: string | undefined;
  /** The payload will not run. */
  dropped: boolean;
}

export interface SubmitOptions {
  /** Not to run before. */
  runAt?: Date;
  unique?: Unique;
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
  unique?: Unique;
}

const bulkLimit = 1_000;
const protobuf = 'application/x-protobuf';

interface Encoder {
  encode(message: unknown): { finish(): Uint8Array };
}

function encodePayload(kind: KindName, request: unknown): Buffer {
  return Buffer.from((jobKinds[kind].request as unknown as Encoder).encode(request).finish());
}

const runnerOf = ({ id, followerId }: Submitted): string => followerId ?? id;

const modes = {
  reject: UniqueRule_Mode.REJECT,
  return_existing: UniqueRule_Mode.RETURN_EXISTING,
  replace: UniqueRule_Mode.REPLACE,
  debounce: UniqueRule_Mode.DEBOUNCE,
  throttle: UniqueRule_Mode.THROTTLE,
};
const policies = {
  replace_next: UniqueRule_WhileRunning.REPLACE_NEXT,
  queue_next: UniqueRule_WhileRunning.QUEUE_NEXT,
  drop: UniqueRule_WhileRunning.DROP,
};

function durationOf(seconds: number | undefined) {
  if (seconds === undefined) return undefined;
  const ms = Math.round(seconds * 1000);
  return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1e6 };
}

function encodeUnique({ key = '', mode, whileRunning, leading, periodSeconds, maxWaitSeconds }: Unique) {
  return {
    key,
    mode: mode ? modes[mode] : UniqueRule_Mode.UNSPECIFIED,
    whileRunning: whileRunning ? policies[whileRunning] : UniqueRule_WhileRunning.UNSPECIFIED,
    period: durationOf(periodSeconds),
    maxWait: durationOf(maxWaitSeconds),
    leading,
  };
}

/** Submits, follows and cancels jobs. Requests are typed by the kind's name. Throws RoundhouseError. */
export class RoundhouseClient {
  private readonly base: string;
  private readonly fetch: typeof fetch;

  constructor(private readonly options: ClientOptions) {
    this.base = options.url.replace(/\/+$/, '');
    this.fetch = options.fetch ?? fetch;
  }

  /**
   * Answers the id of the job that runs the request, once it is committed; of one that was dropped because of its unique key, the
   * id of the job that stands in for it.
   */
  async submit<K extends KindName>(kind: K, request: RequestOf<K>, options: SubmitOptions = {}): Promise<string> {
    return runnerOf(await this.submitUnique(kind, request, options));
  }

  /** As `submit`; says whether the job is new, follows another one, or was dropped. */
  async submitUnique<K extends KindName>(
    kind: K,
    request: RequestOf<K>,
    { runAt, unique, idempotencyKey }: SubmitOptions = {},
  ): Promise<Submitted> {
    const [submitted] = await this.submitAll([{ kind, request, runAt, unique }], idempotencyKey);
    return submitted as Submitted;
  }

  /**
   * Answers the ids of the jobs that run the requests, in order. Up to 1,000 are stored together or not at all; more are sent in portions
   * of that size, one after the other, and an error leaves the portions before it stored.
   */
  async submitMany(
    jobs: readonly JobToSubmit[],
    options: Pick<SubmitOptions, 'idempotencyKey'> = {},
  ): Promise<string[]> {
    const ids: string[] = [];
    for (let at = 0; at < jobs.length; at += bulkLimit) {
      const key = options.idempotencyKey && `${options.idempotencyKey}#${at}`;
      ids.push(...(await this.submitAll(jobs.slice(at, at + bulkLimit), key)).map(runnerOf));
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

  private async submitAll(jobs: readonly JobToSubmit[], idempotencyKey?: string): Promise<Submitted[]> {
    const body = SubmitJobsRequest.encode({
      mode: SubmitJobsRequest_Mode.ALL_OR_NOTHING,
      jobs: jobs.map(({ kind, request, runAt, unique }) => {
        return { kind, payload: encodePayload(kind, request), runAt, unique: unique && encodeUnique(unique) };
      }),
    }).finish();
    const headers = {
      'content-type': protobuf,
      accept: protobuf,
      ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
    };
    const response = await this.call('POST', '/v1/jobs/bulk', { headers, body });
    const answer = SubmitJobsResponse.decode(new Uint8Array(await response.arrayBuffer()));
    return answer.jobs.map(({ id, existing, followerId, dropped }) => {
      return { id, existing, followerId: followerId || undefined, dropped };
    });
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
