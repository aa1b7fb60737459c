import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Answer } from '../../api/index.js';
import { Empty, Panel, PlainTable, ProblemNotice, TextField, Time } from '../../components/index.js';
import type { Schedule } from './schedule.js';

type Preview = Answer<'/v1/schedules/{id}/preview', 'get'>;

const dayMs = 86_400_000;
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** Every time between two days, with the changes of the clock beside those that they touch. */
export function SchedulePreview({ schedule }: { schedule: Schedule }) {
  const [from, setFrom] = useState(() => dayOf(Date.now()));
  const [until, setUntil] = useState(() => dayOf(Date.now() + 10 * dayMs));
  const complete = from !== '' && until !== '';
  const { data, error } = useQuery({
    queryKey: ['schedules', schedule.id, 'preview', schedule.cron, schedule.time_zone, from, until],
    queryFn: ({ signal }) =>
      api.get<Preview>(`/v1/schedules/${schedule.id}/preview`, {
        query: { from: `${from}T00:00:00Z`, until: `${until}T00:00:00Z` },
        signal,
      }),
    enabled: complete,
  });
  return (
    <Panel title="Preview">
      <TextField label="From the beginning of (UTC)" type="date" value={from} onChange={setFrom} />
      <TextField label="Until the beginning of (UTC)" type="date" value={until} onChange={setUntil} />
      <ProblemNotice error={error} />
      {data?.clock_changes.map(({ at, kind, shown_from: first, shown_until: end }) => (
        <p key={at}>
          The clock changes at <Time at={at} />: {first.replace('T', ' ')} to {end.slice(11)} is{' '}
          {kind === 'repeated_hour' ? 'shown twice' : 'skipped'}.
        </p>
      ))}
      {data?.times.length === 0 && <Empty title="It is not due in these days" />}
      {data && data.times.length > 0 && (
        <PlainTable
          label="Previewed fire times"
          columns={['At', `By the clock of ${data.time_zone}`, 'Change of the clock']}
          rows={data.times.map(({ at, local, clock_change: change }) => ({
            key: at,
            cells: [<Time at={at} />, local.replace('T', ' '), change?.note ?? ''],
          }))}
        />
      )}
      {data?.next && (
        <p>
          There are more, from <Time at={data.next} /> on.
        </p>
      )}
    </Panel>
  );
}
