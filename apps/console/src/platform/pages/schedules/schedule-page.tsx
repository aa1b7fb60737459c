import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, formatJson, type Answer } from '../../api/index.js';
import {
  Age,
  Empty,
  Facts,
  Loading,
  Page,
  Panel,
  PlainTable,
  ProblemNotice,
  StateBadge,
  Time,
} from '../../components/index.js';
import { usePathParameter } from '../../navigation/index.js';
import { SchedulePreview } from './schedule-preview.js';
import { ScheduleActions } from './schedule-actions.js';
import type { Schedule } from './schedule.js';

type History = Answer<'/v1/schedules/{id}/history', 'get'>;

/** A schedule: when it fires, when it did, and what came of it. */
export default function SchedulePage() {
  const id = usePathParameter('id');
  const { data, error } = useQuery({
    queryKey: ['schedules', id],
    queryFn: ({ signal }) => api.get<Schedule>(`/v1/schedules/${id}`, { signal }),
  });
  return (
    <Page key={id} title={data?.name ?? 'Schedule'} actions={data && <ScheduleActions schedule={data} />}>
      <ProblemNotice error={error} />
      {!data && !error && <Loading label="Loading the schedule" />}
      {data && (
        <>
          <About schedule={data} />
          <NextTimes schedule={data} />
          <SchedulePreview schedule={data} />
          <PastTimes id={id} />
        </>
      )}
    </Page>
  );
}

const overlaps: Record<string, string> = {
  allow: 'starts beside it',
  skip: 'the time is skipped',
  cancel_other: 'the earlier one is cancelled, the new one starts when it has ended',
};
const misfires: Record<string, string> = {
  skip: 'are skipped',
  fire_once: 'become one',
  catch_up: 'are made up for',
};

function About({ schedule }: { schedule: Schedule }) {
  return (
    <Panel title="Facts">
      <Facts
        facts={[
          ['State', schedule.paused ? <strong>paused</strong> : 'active'],
          ['Cron', <code>{schedule.cron}</code>],
          ['Time zone', schedule.time_zone],
          ['Kind', <Link to={`/jobs?q=kind:${schedule.kind}` as string}>{schedule.kind}</Link>],
          ['While an earlier job is not over', overlaps[schedule.overlap] ?? schedule.overlap],
          ['Times missed by more than a minute', misfires[schedule.misfire] ?? schedule.misfire],
          ['Starts up to', schedule.jitter_seconds > 0 && `${schedule.jitter_seconds} s later, at random`],
          ['Comes from', schedule.source === 'code' ? 'the running version: it can be paused, not changed' : 'the API'],
          ['Payload', schedule.payload ? <code>{formatJson(schedule.payload)}</code> : 'not shown'],
        ]}
      />
    </Panel>
  );
}

function NextTimes({ schedule }: { schedule: Schedule }) {
  return (
    <Panel title="Fires next">
      {schedule.paused && <p>It is paused: these times are skipped until it is resumed.</p>}
      {schedule.next_fire_times.length === 0 ? (
        <p>Never again: its cron expression has no more times.</p>
      ) : (
        <PlainTable
          label="Next fire times"
          columns={['In', 'At', `By the clock of ${schedule.time_zone}`]}
          rows={schedule.next_fire_times.map(({ at, local }) => ({
            key: at,
            cells: [<Age at={at} />, <Time at={at} />, local.replace('T', ' ')],
          }))}
        />
      )}
    </Panel>
  );
}

function PastTimes({ id }: { id: string }) {
  const { data, error } = useQuery({
    queryKey: ['schedules', id, 'history'],
    queryFn: ({ signal }) => api.get<History>(`/v1/schedules/${id}/history`, { signal }),
  });
  return (
    <Panel title="History">
      <ProblemNotice error={error} />
      {data?.firings.length === 0 && <Empty title="It has not fired yet" />}
      {data && data.firings.length > 0 && (
        <PlainTable
          label="Past fire times"
          columns={['Time', 'Outcome', 'Job']}
          rows={data.firings.map((firing) => ({
            key: firing.fire_time,
            cells: [
              <Time at={firing.fire_time} />,
              `${firing.outcome}${firing.reason ? `: ${firing.reason}` : ''}`,
              firing.job_id && (
                <>
                  {firing.job_state && <StateBadge state={firing.job_state} />}{' '}
                  <Link to={`/jobs/${firing.job_id}` as string}>{firing.job_id.slice(-12)}</Link>
                </>
              ),
            ],
          }))}
        />
      )}
    </Panel>
  );
}
