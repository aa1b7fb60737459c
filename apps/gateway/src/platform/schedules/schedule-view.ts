import { catalogue, decodeToJson, redactSensitive } from '@roundhouse/contracts';
import { allows, nextFireTimes, type ApiKeyScope, type StoredFiring, type StoredSchedule } from '@roundhouse/ledger';
import { z } from 'zod';

const shownTimes = 5;

const fireTimeSchema = z.object({
  at: z.iso.datetime(),
  local: z.string().describe('The same moment by the clock of the schedule’s zone'),
});

export const scheduleSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    cron: z.string(),
    time_zone: z.string(),
    kind: z.string(),
    payload: z
      .unknown()
      .describe(
        'The request message as JSON, sensitive fields as "[redacted]"; null when this version does not know the kind, and for who may only view',
      ),
    paused: z.boolean(),
    misfire: z.string(),
    catch_up_max: z.number().int(),
    overlap: z.string(),
    jitter_seconds: z.number(),
    source: z.enum(['rest', 'code']).describe('code: belongs to the running version; it can be paused, not changed'),
    next_fire_times: z.array(fireTimeSchema).describe(`The next ${shownTimes}; skipped while it is paused`),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Schedule' });

export const firingSchema = z
  .object({
    fire_time: z.iso.datetime(),
    decided_at: z.iso.datetime(),
    outcome: z.enum(['fired', 'skipped']),
    reason: z
      .string()
      .nullable()
      .describe(
        'Of skipped times: paused, overlap, misfire, unique or changed (the expression, before it fired); of fired ones: "run now" when asked for by hand',
      ),
    job_id: z.uuid().nullable().describe('The job; with overlap and unique the one that was in the way'),
    job_state: z.string().nullable(),
  })
  .meta({ id: 'ScheduleFiring' });

/** "2026-11-23T08:00:00+01:00" in a zone. */
export function localTime(at: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((p) => p.type === type)?.value ?? '';
  const offset = part('timeZoneName').replace('GMT', '') || '+00:00';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}${offset}`;
}

/** A time that is due and not yet fired comes first, unless it is skipped: of a paused schedule; the others follow from now on. */
function upcoming({ cron, time_zone: zone, next_fire_at: next, enabled }: StoredSchedule): Date[] {
  if (!next) return [];
  if (!enabled && next.getTime() <= Date.now()) return nextFireTimes(cron, zone, new Date(), shownTimes);
  const after = new Date(Math.max(next.getTime(), Date.now()));
  return [next, ...nextFireTimes(cron, zone, after, shownTimes - 1)];
}

function payloadOf({ kind, payload }: StoredSchedule): unknown {
  const definition = catalogue.kind(kind);
  const json = readSchedulePayload({ kind, payload });
  return definition && json !== null ? redactSensitive(definition.requestType, json) : null;
}

/** As it is stored, sensitive fields and all; null when this version cannot read it. */
export function readSchedulePayload({
  kind,
  payload,
}: Pick<StoredSchedule, 'kind' | 'payload'>): ReturnType<typeof decodeToJson> {
  const definition = catalogue.kind(kind);
  if (!definition) return null;
  try {
    return decodeToJson(definition.requestType, payload);
  } catch {
    return null; // bytes of another version of the message
  }
}

export function scheduleView(schedule: StoredSchedule): z.input<typeof scheduleSchema> {
  const { id, name, cron, time_zone, kind, misfire, catch_up_max, overlap, source } = schedule;
  return {
    id,
    name,
    cron,
    time_zone,
    kind,
    payload: payloadOf(schedule),
    paused: !schedule.enabled,
    misfire,
    catch_up_max,
    overlap,
    jitter_seconds: schedule.jitter_ms / 1000,
    source,
    next_fire_times: upcoming(schedule).map((at) => ({ at: at.toISOString(), local: localTime(at, time_zone) })),
    created_at: schedule.created_at.toISOString(),
  };
}

/** Whoever only views sees no payload; whoever may change the schedule does, as it is part of it. */
export function scheduleShownTo(
  scopes: readonly ApiKeyScope[],
  schedule: StoredSchedule,
): z.input<typeof scheduleSchema> {
  const shown = allows(scopes, 'payloads:read') || allows(scopes, 'schedules:admin');
  return { ...scheduleView(schedule), ...(!shown && { payload: null }) };
}

export function firingView(firing: StoredFiring): z.input<typeof firingSchema> {
  const { fire_time, fired_at, outcome, reason, job_id, job_state } = firing;
  const [time, decided] = [fire_time.toISOString(), fired_at.toISOString()];
  return { fire_time: time, decided_at: decided, outcome, reason, job_id, job_state };
}
