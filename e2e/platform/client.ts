import { waitFor, type WaitOptions } from '@roundhouse/testing';
import { EventSource } from './event-source.js';

/** A job as the REST API shows it. */
export interface JobView {
  id: string;
  kind: string;
  queue: string;
  state: string;
  attempt: number;
  failures: number;
  progress: { percent: number; message: string } | null;
  error: { code: string; message: string; field?: string } | null;
  parent_id: string | null;
  trace_id: string | null;
  follow_ups: string[];
  worker_id: string | null;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the message of the kind
  payload: any;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the message of the kind
  result: any;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the route answers
  body: any;
}

export interface Request {
  method?: string;
  /** Sent as JSON unless it is text already. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** Fields of a probe job, by their names in the contract. */
export interface ProbePayload {
  text?: string;
  work?: string;
  steps?: number;
  failures?: number;
  failure_code?: string;
  crashes?: number;
  ignore_interruption?: boolean;
  effect?: string;
  follow_ups?: string[];
}

export const finalStates = ['succeeded', 'dead', 'cancelled'];

/** The REST API as one tenant uses it. */
export class Client {
  constructor(
    private readonly baseUrl: () => string,
    readonly key: string | undefined,
  ) {}

  async send(path: string, { method = 'GET', body, headers = {} }: Request = {}): Promise<Answer> {
    const isText = typeof body === 'string' || body === undefined;
    const response = await fetch(`${this.baseUrl()}${path}`, {
      method,
      headers: {
        ...(this.key !== undefined && { authorization: `Bearer ${this.key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: isText ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(120_000),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  }

  /** @returns the id of the accepted job */
  async submit(
    kind: string,
    payload: object,
    { body = {}, headers = {} }: { body?: object; headers?: Record<string, string> } = {},
  ): Promise<string> {
    const answer = await this.send('/v1/jobs', { method: 'POST', body: { kind, payload, ...body }, headers });
    if (answer.status !== 202) throw new Error(`POST /v1/jobs: ${answer.status} ${answer.text}`);
    return answer.body.id;
  }

  probe(payload: ProbePayload): Promise<string> {
    return this.submit('platform.probe', payload);
  }

  async job(id: string): Promise<JobView> {
    const answer = await this.send(`/v1/jobs/${id}`);
    if (answer.status !== 200) throw new Error(`GET /v1/jobs/${id}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  async until(id: string, wanted: (job: JobView) => boolean, options: WaitOptions = {}): Promise<JobView> {
    const look = async () => {
      const job = await this.job(id);
      return wanted(job) ? job : (undefined as never);
    };
    return waitFor(look, { intervalMs: 10, describe: `job ${id}`, ...options }).catch(async (error: Error) => {
      const now = await this.job(id).catch(String);
      throw new Error(`${error.message}; it is ${JSON.stringify(now)}`, { cause: error });
    });
  }

  running(id: string, attempt = 1): Promise<JobView> {
    return this.until(id, (job) => job.state === 'running' && job.attempt >= attempt, {
      describe: `attempt ${attempt} of ${id}`,
    });
  }

  finished(id: string, timeoutMs = 60_000): Promise<JobView> {
    return this.until(id, (job) => finalStates.includes(job.state), { timeoutMs, describe: `job ${id} to end` });
  }

  follow(path: string, lastEventId?: string): Promise<EventSource> {
    return EventSource.open(`${this.baseUrl()}${path}`, {
      authorization: `Bearer ${this.key}`,
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    });
  }
}
