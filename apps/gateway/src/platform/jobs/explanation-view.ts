import { bucketText, limitText, pauseText, type Explanation } from '@roundhouse/ledger';
import { z } from 'zod';

const time = z.iso.datetime();

export const explanationSchema = z
  .object({
    id: z.uuid(),
    state: z.string(),
    why: z.string().describe('One sentence: why it is not running now'),
    waiting_for: z
      .string()
      .nullable()
      .describe(
        'slot, token, pause, broker, dependency, outbox, backlog, retry or scheduled; null when it runs or is over',
      ),
    stuck: z
      .object({ since: time, limit: z.enum(['stuck_after', 'timeout']), limit_ms: z.number() })
      .nullable()
      .describe('A running attempt that gives no sign of getting further'),
    eta: z
      .object({ earliest: time, latest: time, by: z.enum(['progress', 'recent_jobs']) })
      .nullable()
      .describe(
        'When it may be over, by how far it has come or by recent jobs of its kind; null when nothing is known',
      ),
    related: z
      .array(z.object({ rel: z.enum(['holder', 'dependency']), job_id: z.uuid(), href: z.string() }))
      .describe('Jobs that it waits for'),
    from: time.describe('When the request arrived'),
    to: time.describe('Its end, or now'),
    wall_ms: z.number().int(),
    totals: z.record(z.string(), z.number().int()).describe('Milliseconds per cause; their sum is wall_ms'),
    segments: z
      .array(
        z.object({
          cause: z.string(),
          from: time,
          to: time,
          ms: z.number().int(),
          attempt: z.number().int().optional(),
          on: z.string().optional().describe('The limit, rate or pause that it waited for'),
        }),
      )
      .describe('Every millisecond once, in order, without gaps'),
    attempts: z.array(
      z.object({
        attempt: z.number().int(),
        worker_id: z.string().nullable(),
        from: time,
        to: time.nullable(),
        ms: z.number().int(),
        ended: z.string().nullable().describe('State that the attempt left the job in'),
        error: z.object({ code: z.string(), message: z.string() }).nullable(),
      }),
    ),
  })
  .meta({ id: 'JobExplanation' });

const iso = (ms: number): string => new Date(ms).toISOString();

export function explanationView({
  id,
  state,
  account,
  holdup,
  why,
  eta,
}: Explanation): z.input<typeof explanationSchema> {
  const { from, to, segments, totals, attempts } = account;
  const stuck = holdup.type === 'running' ? holdup.stuck : undefined;
  return {
    id,
    state,
    why,
    waiting_for: holdup.type === 'over' || holdup.type === 'running' ? null : holdup.type,
    stuck: stuck ? { since: iso(stuck.since), limit: stuck.limit, limit_ms: stuck.limitMs } : null,
    eta: eta ? { earliest: iso(eta.earliest), latest: iso(eta.latest), by: eta.by } : null,
    related: related(holdup),
    from: iso(from),
    to: iso(to),
    wall_ms: to - from,
    totals,
    segments: segments.map((s) => ({ ...s, on: gate(s), from: iso(s.from), to: iso(s.to), ms: s.to - s.from })),
    attempts: attempts.map((a) => ({
      attempt: a.attempt,
      worker_id: a.worker ?? null,
      from: iso(a.from),
      to: a.to === undefined ? null : iso(a.to),
      ms: Math.round((a.to ?? to) - a.from),
      ended: a.ended ?? null,
      error: a.error ?? null,
    })),
  };
}

const gateTexts: Record<string, (key: string) => string> = { slot: limitText, token: bucketText, pause: pauseText };
const gate = ({ cause, on }: Explanation['account']['segments'][number]): string | undefined =>
  on === undefined ? undefined : (gateTexts[cause]?.(on) ?? on);

function related(holdup: Explanation['holdup']): { rel: 'holder' | 'dependency'; job_id: string; href: string }[] {
  const link = (rel: 'holder' | 'dependency') => (jobId: string) => ({ rel, job_id: jobId, href: `/v1/jobs/${jobId}` });
  if (holdup.type === 'slot') return holdup.holders.map(({ jobId }) => jobId).map(link('holder'));
  if (holdup.type === 'dependency') return holdup.unmet.map(({ jobId }) => jobId).map(link('dependency'));
  return [];
}
