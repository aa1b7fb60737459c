import type { ClockChange, PreviewedTime, SchedulePreview, StoredSchedule } from '@roundhouse/ledger';
import { z } from 'zod';
import { localTime } from './schedule-view.js';

const kindSchema = z
  .enum(['repeated_hour', 'skipped_hour'])
  .describe(
    'repeated_hour: turned back, its times are shown twice; skipped_hour: turned forward, they are never shown',
  );

export const previewSchema = z
  .object({
    from: z.iso.datetime(),
    until: z.iso.datetime(),
    time_zone: z.string(),
    paused: z.boolean().describe('Times that come while it is paused are skipped'),
    times: z.array(
      z.object({
        at: z.iso.datetime(),
        local: z.string().describe('The same moment by the clock of the schedule’s zone'),
        clock_change: z
          .object({ kind: kindSchema, note: z.string() })
          .nullable()
          .describe('The change of the clock that touches this time'),
      }),
    ),
    clock_changes: z
      .array(
        z.object({
          at: z.iso.datetime(),
          kind: kindSchema,
          shown_from: z.string().describe('Of the times that are shown twice or never: the first'),
          shown_until: z.string().describe('The time after the last'),
        }),
      )
      .describe('All of the span that `times` covers'),
    next: z.iso.datetime().nullable().describe('There are more times: pass it as `from`'),
  })
  .meta({ id: 'SchedulePreview' });

const clockOf = (shown: number) => new Date(shown).toISOString().slice(0, 19);
const kindOf = ({ kind }: ClockChange) => `${kind}_hour` as const;

function noteOf(change: ClockChange, at: Date): string {
  const [from, until] = [change.shown.from, change.shown.until].map((shown) => clockOf(shown).slice(11, 16));
  if (change.kind === 'skipped') return `${from} to ${until} is skipped`;
  return `${from} to ${until} is shown twice; this is the ${at < change.at ? 'first' : 'second'} time`;
}

function timeView({ at, change }: PreviewedTime, timeZone: string) {
  return {
    at: at.toISOString(),
    local: localTime(at, timeZone),
    clock_change: change ? { kind: kindOf(change), note: noteOf(change, at) } : null,
  };
}

export function previewView(
  { time_zone, enabled }: StoredSchedule,
  { from, until }: { from: Date; until: Date },
  { times, changes, next }: SchedulePreview,
): z.input<typeof previewSchema> {
  return {
    from: from.toISOString(),
    until: until.toISOString(),
    time_zone,
    paused: !enabled,
    times: times.map((time) => timeView(time, time_zone)),
    clock_changes: changes.map((change) => ({
      at: change.at.toISOString(),
      kind: kindOf(change),
      shown_from: clockOf(change.shown.from),
      shown_until: clockOf(change.shown.until),
    })),
    next: next?.toISOString() ?? null,
  };
}
