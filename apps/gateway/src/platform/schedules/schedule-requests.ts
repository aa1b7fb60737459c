import { mostCatchUps } from '@roundhouse/ledger';
import { z } from 'zod';
import { parse, Problem, timestampSchema } from '../http/index.js';

const nameSchema = z
  .string()
  .regex(/^[\w .:-]{1,100}$/, 'must have 1 to 100 letters, digits, spaces, dots, colons, dashes or underscores');

/** Names like "Europe/Berlin" or "UTC". Offsets are no zones: they know no daylight saving. */
const timeZoneSchema = z
  .string()
  .max(100)
  .refine((zone) => /^[A-Za-z]/.test(zone) && isZone(zone), 'must be an IANA time zone like Europe/Berlin');

function isZone(zone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false; // the caller's message says what is wanted
  }
}

const fields = {
  name: nameSchema,
  cron: z
    .string()
    .min(1)
    .max(200)
    .describe('Five fields (minute hour day month weekday), or six with seconds in front, or @daily and the like'),
  time_zone: timeZoneSchema,
  payload: z.record(z.string(), z.unknown(), 'must be an object with the fields of the kind'),
  misfire: z
    .enum(['skip', 'fire_once', 'catch_up'])
    .describe('What becomes of times missed by more than a minute, e.g. in an outage'),
  catch_up_max: z.int().min(1).max(mostCatchUps).describe('Missed times that catch_up makes up for, the latest ones'),
  overlap: z
    .enum(['allow', 'skip', 'cancel_other'])
    .describe(
      'What happens while an earlier job of the schedule is not over; cancel_other: it is cancelled, and the new one starts when it has ended',
    ),
  jitter_seconds: z.number().min(0).max(86_400).describe('Each job starts up to this much later, at random'),
};

export const scheduleRequestSchema = z
  .strictObject({
    name: fields.name,
    cron: fields.cron,
    time_zone: fields.time_zone.default('UTC'),
    kind: z.string().min(1).max(100),
    payload: fields.payload.default({}),
    misfire: fields.misfire.default('fire_once'),
    catch_up_max: fields.catch_up_max.default(10),
    overlap: fields.overlap.default('allow'),
    jitter_seconds: fields.jitter_seconds.default(0),
  })
  .meta({ id: 'ScheduleRequest' });
export type ScheduleRequest = z.output<typeof scheduleRequestSchema>;

export const scheduleChangeSchema = z
  .strictObject({
    name: fields.name.optional(),
    cron: fields.cron.optional(),
    time_zone: fields.time_zone.optional(),
    payload: fields.payload.optional(),
    misfire: fields.misfire.optional(),
    catch_up_max: fields.catch_up_max.optional(),
    overlap: fields.overlap.optional(),
    jitter_seconds: fields.jitter_seconds.optional(),
  })
  .meta({ id: 'ScheduleChange' });

export const scheduleListQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().min(1).max(300).optional(),
});

export const historyQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  before: timestampSchema.describe('`next` of the page before').optional(),
});

const dayMs = 86_400_000;
const previewedDays = 10;
const mostPreviewedDays = 1_830;

export const previewQuerySchema = z.strictObject({
  from: timestampSchema.describe('The first instant; default: now').optional(),
  until: timestampSchema
    .describe(`The instant before which it ends; default: ${previewedDays} days after \`from\``)
    .optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

export interface PreviewSpan {
  from: Date;
  until: Date;
  limit: number;
}

export function parsePreviewSpan(query: unknown): PreviewSpan {
  const { from = new Date(), until: asked, limit } = parse(previewQuerySchema, query, 'query');
  const until = asked ?? new Date(from.getTime() + previewedDays * dayMs);
  const span = until.getTime() - from.getTime();
  if (span > 0 && span <= mostPreviewedDays * dayMs) return { from, until, limit };
  const message = span > 0 ? `must be at most ${mostPreviewedDays} days after from` : 'must be after from';
  throw new Problem('invalid_request', `The query is not valid: until ${message}`, {
    errors: [{ path: 'until', message }],
  });
}
