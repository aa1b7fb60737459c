import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { api, type Answer } from '../../api/index.js';
import {
  Age,
  Button,
  Facts,
  Loading,
  Page,
  Panel,
  PlainTable,
  ProblemNotice,
  ProgressBar,
  Time,
  useAnnounce,
} from '../../components/index.js';
import { formatCount, formatNumber } from '../../formats/index.js';
import { usePathParameter } from '../../navigation/index.js';
import { useSession } from '../../session/index.js';
import { describeFilter } from './dead-filter.js';
import { useRedriveNews, whileRunningMs } from './use-redrive-news.js';

type Redrive = Answer<'/v1/redrives/{id}', 'get'>;

const stages = ['', 'one job', 'ten jobs', 'all of them'];

/** A redrive as it runs. */
export default function RedrivePage() {
  const id = usePathParameter('id');
  useRedriveNews();
  const { data, error } = useQuery({
    queryKey: ['redrives', id],
    queryFn: ({ signal }) => api.get<Redrive>(`/v1/redrives/${id}`, { signal }),
    // After the last has been sent their ends still come in.
    refetchInterval: ({ state }) =>
      state.data?.state === 'running' || (state.data?.counts.open ?? 0) > 0 ? whileRunningMs : false,
  });
  useOutcome(data);
  return (
    <Page title="Redrive" summary={<code>{id}</code>} actions={data && <Stop redrive={data} />}>
      <ProblemNotice error={error} />
      {!data && !error && <Loading label="Loading the redrive" />}
      {data && <Content redrive={data} />}
    </Page>
  );
}

/** Says the end to screen readers, once, to whoever was there when it ran. */
function useOutcome(redrive: Redrive | undefined): void {
  const announce = useAnnounce();
  const before = useRef<string>(undefined);
  useEffect(() => {
    if (!redrive) return;
    const { state, counts, stop_reason: reason } = redrive;
    if (before.current === 'running' && state === 'finished')
      announce(
        `The redrive has finished: ${formatCount(counts.sent)} jobs sent, ${formatCount(counts.succeeded)} succeeded`,
      );
    if (before.current === 'running' && state === 'stopped') announce(`The redrive was stopped: ${reason ?? ''}`);
    before.current = state;
  }, [redrive, announce]);
}

function Content({ redrive }: { redrive: Redrive }) {
  const { counts, state, canary, stage, skipped_jobs: skipped } = redrive;
  const over = counts.succeeded + counts.dead + counts.cancelled + counts.skipped;
  const percent = counts.matched === 0 ? 100 : (over / counts.matched) * 100;
  return (
    <>
      <Panel title="Progress">
        <p role="status">
          <strong data-state={state}>{state}</strong>
          {state === 'running' && canary && ` as a canary, at ${stages[stage] ?? 'work'}`}
          {redrive.stop_reason && `: ${redrive.stop_reason}`}
        </p>
        <ProgressBar percent={percent} label={`${formatCount(over)} of ${formatCount(counts.matched)} jobs are over`} />
        <PlainTable
          label="Jobs of the redrive"
          columns={['Jobs', '#Number']}
          rows={[
            ['matched', counts.matched],
            ['sent', counts.sent],
            ['not sent', counts.pending],
            ['sent and not over', counts.open],
            ['succeeded', counts.succeeded],
            ['died again', counts.dead],
            ['of those, of the same cause', counts.recurred],
            ['cancelled', counts.cancelled],
            ['skipped', counts.skipped],
          ].map(([name, count]) => ({ key: String(name), cells: [name, formatCount(Number(count))] }))}
        />
      </Panel>
      <Panel title="Facts">
        <Facts
          facts={[
            ['What', describeFilter(redrive.filter as object)],
            ['Pace', redrive.per_second === null ? 'as fast as possible' : `${formatNumber(redrive.per_second)} /s`],
            ['By', redrive.created_by],
            ['Started', <Moment key="started" at={redrive.created_at} />],
            ['Ended', redrive.finished_at && <Moment key="ended" at={redrive.finished_at} />],
          ]}
        />
      </Panel>
      {skipped.length > 0 && (
        <Panel title="Skipped">
          <PlainTable
            label="Skipped jobs"
            columns={['Job', 'Why']}
            rows={skipped.map(({ job_id: job, reason }) => ({
              key: job,
              cells: [<Link to={`/jobs/${job}` as string}>{job.slice(-12)}</Link>, reason],
            }))}
          />
        </Panel>
      )}
    </>
  );
}

function Moment({ at }: { at: string }) {
  return (
    <>
      <Time at={at} /> (<Age at={at} />)
    </>
  );
}

function Stop({ redrive }: { redrive: Redrive }) {
  const { allows } = useSession();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const stop = useMutation({
    mutationFn: () => api.post(`/v1/redrives/${redrive.id}/stop`),
    onSuccess: () => announce('The redrive is stopped; what was sent goes its way'),
    onSettled: () => queries.invalidateQueries({ queryKey: ['redrives'] }),
  });
  if (redrive.state !== 'running' || !allows('dead:redrive')) return null;
  return (
    <>
      <ProblemNotice error={stop.error} />
      <Button variant="danger" disabled={stop.isPending} onClick={() => stop.mutate()}>
        Stop
      </Button>
    </>
  );
}
