import { catalogue } from '@roundhouse/contracts';
import { estimateByProgress, type Eta, type Explanation, type SharedJob, type StoredError } from '@roundhouse/ledger';
import { z } from 'zod';

const time = z.iso.datetime();

export const statusViewSchema = z
  .object({
    title: z.string(),
    state: z
      .enum(['waiting', 'running', 'succeeded', 'failed', 'cancelled'])
      .describe('The last three are ends; a failed job may be taken up again'),
    stage: z.string().describe('What is going on, in a few words'),
    message: z
      .string()
      .describe('What the job itself says, and what came of it in the end; empty when it says nothing'),
    percent: z.number().nullable(),
    eta: z.object({ earliest: time, latest: time }).nullable(),
    starts_at: time.nullable().describe('When it starts, or is tried again'),
    error: z.string().nullable(),
    downloads: z.array(
      z.object({
        name: z.string(),
        label: z.string(),
        bytes: z.number().int().nullable().describe('Of a stored file'),
        gone: z.boolean().describe('The file is not kept any more'),
      }),
    ),
    cancellable: z.boolean().describe('It has not ended, and nobody has asked it to stop'),
    created_at: time,
    started_at: time.nullable(),
    finished_at: time.nullable(),
    updated_at: time,
    now: time.describe("The server's clock"),
    reference: z.string().describe('For questions about this job'),
  })
  .meta({ id: 'JobStatus' });

export type StatusView = z.output<typeof statusViewSchema>;
type Downloads = StatusView['downloads'];

const states = {
  scheduled: 'waiting',
  queued: 'waiting',
  blocked: 'waiting',
  retrying: 'waiting',
  running: 'running',
  succeeded: 'succeeded',
  dead: 'failed',
  cancelled: 'cancelled',
} as const satisfies Record<SharedJob['state'], StatusView['state']>;

/**
 * A job as whoever has its link may see it: no payload, no stack, no names of kinds, queues or workers.
 * @param explanation what holds it up; undefined when it is over
 * @param result what that of a job that has succeeded says and offers
 */
export function statusView(
  reference: string,
  job: SharedJob,
  explanation: Explanation | undefined,
  result: { text: string; downloads: Downloads },
): StatusView {
  const state = states[job.state];
  const over = job.finished_at !== null;
  return {
    title: catalogue.kind(job.kind)?.title || 'Job',
    state,
    stage: stage(job, explanation),
    message: message(job, result.text),
    percent: percent(job),
    eta: over ? null : etaView(etaByProgress(job) ?? explanation?.eta),
    starts_at: ['scheduled', 'retrying'].includes(job.state) ? job.run_at.toISOString() : null,
    error: job.error && ['dead', 'retrying'].includes(job.state) ? errorForPeople(job.error) : null,
    downloads: result.downloads,
    cancellable: !over && job.cancel_requested_at === null,
    created_at: job.created_at.toISOString(),
    started_at: job.started_at?.toISOString() ?? null,
    finished_at: job.finished_at?.toISOString() ?? null,
    updated_at: job.updated_at.toISOString(),
    now: job.now.toISOString(),
    reference,
  };
}

/** Its own last report is news while it runs, and a riddle once it is done. */
function message({ state, progress_message: progress }: SharedJob, outcome: string): string {
  if (state === 'succeeded') return outcome;
  return state === 'running' ? (progress ?? '') : '';
}

function percent({ state, progress }: SharedJob): number | null {
  if (state === 'succeeded') return 100;
  if (state === 'dead' || state === 'cancelled') return null; // how far it came helps nobody
  return progress === null ? null : Math.max(0, Math.min(100, Math.round(progress)));
}

function stage({ state, cancel_requested_at: cancelled }: SharedJob, explanation: Explanation | undefined): string {
  if (state === 'running') return cancelled ? 'Stopping' : 'Working';
  const fixed: Partial<Record<SharedJob['state'], string>> = {
    succeeded: 'Done',
    dead: 'Failed',
    cancelled: 'Cancelled',
    retrying: 'Something went wrong; it is tried again',
    scheduled: 'Scheduled',
  };
  return fixed[state] ?? waiting(explanation?.holdup);
}

function waiting(holdup: Explanation['holdup'] | undefined): string {
  switch (holdup?.type) {
    case 'outbox':
    case 'backlog':
      if (!holdup.consumed) return 'Waiting: nothing works on jobs like this one at the moment';
      return inLine(holdup.ahead);
    case 'slot':
      return inLine(holdup.ahead);
    case 'broker':
      return 'Waiting: a part of the system is away at the moment';
    case 'token':
      return 'Waiting for a service that limits how much it is asked';
    case 'pause':
      return 'Paused for the moment';
    case 'dependency':
      return 'Waiting for another step to finish';
    default:
      return 'Waiting';
  }
}

const inLine = (ahead: number): string => (ahead === 0 ? 'Waiting: it is next' : `Waiting: ${ahead} ahead of it`);

const etaView = (eta: Eta | undefined): StatusView['eta'] =>
  eta ? { earliest: new Date(eta.earliest).toISOString(), latest: new Date(eta.latest).toISOString() } : null;

/** By its row, which is fresher than the explanation. */
function etaByProgress({
  state,
  attempt,
  progress,
  started_at: started,
  cancel_requested_at: cancelled,
  now,
}: SharedJob) {
  if (state !== 'running' || !started) return undefined;
  const run = { attempt, progress: progress ?? undefined, since: started.getTime(), cancelling: cancelled !== null };
  return estimateByProgress(run, now.getTime());
}

const unexpected = 'Something unexpected happened on our side.';
/** Messages under the other codes may tell of the inside: hosts, stacks, statements. */
const generic: Record<string, string> = {
  UNAVAILABLE: 'A service that this needs did not answer.',
  RATE_LIMITED: 'A service that this needs is too busy.',
  TIMEOUT: 'It took longer than it may.',
  DEADLINE_EXCEEDED: 'It could not be started in time.',
};
const spoken = new Set(['INVALID_INPUT', 'NOT_FOUND', 'UNAUTHENTICATED', 'FAILED_PRECONDITION']);

export function errorForPeople({ code, message }: Pick<StoredError, 'code' | 'message'>): string {
  return spoken.has(code) ? message : (generic[code] ?? unexpected);
}
