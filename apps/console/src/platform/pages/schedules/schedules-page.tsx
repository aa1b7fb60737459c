import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/index.js';
import { Age, Button, Empty, Loading, Page, PlainTable, ProblemNotice } from '../../components/index.js';
import { useUrlState } from '../../navigation/index.js';
import type { Schedules } from './schedule.js';

/** What fires next. */
export default function SchedulesPage() {
  const [{ cursor }, change] = useUrlState();
  const { data, error } = useQuery({
    queryKey: ['schedules', 'list', cursor],
    queryFn: ({ signal }) => api.get<Schedules>('/v1/schedules', { query: { cursor, limit: 100 }, signal }),
  });
  return (
    <Page
      title="Schedules"
      actions={
        <>
          {cursor && <Button onClick={() => change({ cursor: undefined })}>From the beginning</Button>}
          {data?.next && <Button onClick={() => change({ cursor: data.next ?? undefined })}>More</Button>}
        </>
      }
    >
      <ProblemNotice error={error} />
      {!data && !error && <Loading label="Loading the schedules" />}
      {data?.schedules.length === 0 && (
        <Empty title="No schedules">
          <p>
            <code>POST /v1/schedules</code> makes one: a cron expression, a time zone, a kind and its payload.
          </p>
        </Empty>
      )}
      {data && data.schedules.length > 0 && (
        <PlainTable
          label="Schedules"
          columns={['Schedule', 'Fires next', 'Cron', 'Zone', 'Kind', 'State']}
          rows={data.schedules.map((schedule) => ({
            key: schedule.id,
            cells: [
              <Link to={`/schedules/${schedule.id}` as string}>{schedule.name}</Link>,
              schedule.paused ? '–' : <Age at={schedule.next_fire_times[0]?.at} />,
              <code>{schedule.cron}</code>,
              schedule.time_zone,
              schedule.kind,
              schedule.paused ? <strong>paused</strong> : 'active',
            ],
          }))}
        />
      )}
    </Page>
  );
}
