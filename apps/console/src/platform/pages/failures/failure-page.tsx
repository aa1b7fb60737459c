import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, type Answer, type JobSummary } from '../../api/index.js';
import {
  Age,
  Button,
  Empty,
  Facts,
  Loading,
  Page,
  Panel,
  PlainTable,
  ProblemNotice,
  Time,
} from '../../components/index.js';
import { formatCount } from '../../formats/index.js';
import { usePathParameter, useUrlState } from '../../navigation/index.js';
import { useSession } from '../../session/index.js';
import { filterOf } from '../redrives/index.js';
import type { DeadGroup, DeadGroups } from './dead-group.js';
import { DiscardDialog } from './discard-dialog.js';
import { FailureStatus } from './failure-status.js';
import { MarkActions } from './mark-actions.js';
import { Mutes } from './mutes.js';
import styles from './failures-page.module.css';
import { RedriveDialog } from './redrive-dialog.js';
import { useDeathNews } from './use-death-news.js';

type JobErrorAnswer = Answer<'/v1/jobs/{id}/error', 'get'>;

const shownJobs = 10;

/** Where an alert leads: cause, start, release, queues, a sample; and what to do about it. */
export default function FailurePage() {
  const fingerprint = usePathParameter('fingerprint');
  const [url] = useUrlState();
  const filter = filterOf(url, fingerprint);
  const mayMark = useSession().allows('dead:redrive');
  useDeathNews();
  const { data, error } = useQuery({
    queryKey: ['failures', filter],
    queryFn: ({ signal }) => api.get<DeadGroups>('/v1/dead', { query: { ...filter }, signal }),
  });
  const groups = data?.groups ?? [];
  const [latest] = groups;
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const title = latest ? `${latest.code ?? 'Failure'} in ${latest.kind}` : 'Failure';
  return (
    <Page
      key={fingerprint}
      title={title}
      summary={latest?.sample_message}
      actions={
        latest && (
          <>
            <Actions filter={filter} count={count} />
            {mayMark && <MarkActions fingerprint={fingerprint} status={latest.status} />}
          </>
        )
      }
    >
      <ProblemNotice error={error} />
      {!data && !error && <Loading label="Loading the failure" />}
      {data && !latest && (
        <Empty title="No job is dead of this any more">
          <p>
            They were redriven or discarded{filter.since && ', or died before the time of the link'}.{' '}
            <Link to="/redrives">Redrives</Link> say what became of them.
          </p>
        </Empty>
      )}
      {data && !latest && <Mutes fingerprint={fingerprint} />}
      {latest && (
        <>
          <Panel title="Facts">
            <Facts facts={factsOf(groups, count)} />
          </Panel>
          <Sample jobId={latest.sample_job_id} />
          <Jobs fingerprint={fingerprint} />
        </>
      )}
    </Page>
  );
}

function factsOf(groups: readonly DeadGroup[], count: number) {
  const times = groups.flatMap((group) => [group.first_death, group.last_death]).sort();
  const moment = (at: string | undefined) => (
    <>
      <Time at={at} /> (<Age at={at} />)
    </>
  );
  return [
    ['Status', groups[0] && <FailureStatus group={groups[0]} />],
    ['Dead jobs', formatCount(count)],
    ['First death', moment(times[0])],
    ['Latest death', moment(times.at(-1))],
    ['Release of the contract', [...new Set(groups.map((group) => group.contract_version))].join(', ')],
    ['Queues', [...new Set(groups.flatMap((group) => group.queues))].join(', ')],
    ['Fingerprint', <code key="fingerprint">{groups[0]?.fingerprint}</code>],
  ] as const;
}

function Actions({ filter, count }: { filter: ReturnType<typeof filterOf>; count: number }) {
  const { allows } = useSession();
  const [open, setOpen] = useState<'redrive' | 'discard'>();
  const close = () => setOpen(undefined);
  if (!allows('dead:redrive')) return null;
  return (
    <>
      <Button variant="primary" onClick={() => setOpen('redrive')}>
        Redrive {formatCount(count)}
      </Button>
      <Button onClick={() => setOpen('discard')}>Discard</Button>
      {open === 'redrive' && <RedriveDialog filter={filter} onClose={close} />}
      {open === 'discard' && <DiscardDialog filter={filter} count={count} onClose={close} />}
    </>
  );
}

function Sample({ jobId }: { jobId: string }) {
  const { allows } = useSession();
  const { data, error } = useQuery({
    queryKey: ['failures', 'sample', jobId],
    queryFn: ({ signal }) => api.get<JobErrorAnswer>(`/v1/jobs/${jobId}/error`, { signal }),
    enabled: allows('dead:redrive'),
  });
  return (
    <Panel title="The youngest of them">
      <p>
        <Link to={`/jobs/${jobId}` as string}>
          <code>{jobId}</code>
        </Link>{' '}
        can be looked into, edited and redriven by itself.
      </p>
      <ProblemNotice error={error} />
      {data?.error?.stack && (
        <pre className={styles.stack} tabIndex={0} aria-label="Stack">
          {data.error.stack}
        </pre>
      )}
    </Panel>
  );
}

function Jobs({ fingerprint }: { fingerprint: string }) {
  const { data } = useQuery({
    queryKey: ['failures', 'jobs', fingerprint],
    queryFn: ({ signal }) =>
      api.get<{ jobs: JobSummary[] }>('/v1/console/jobs', {
        query: { fingerprint, state: 'dead', limit: shownJobs },
        signal,
      }),
  });
  if (!data || data.jobs.length === 0) return null;
  return (
    <Panel
      title="Jobs that died of it"
      actions={<Link to={`/jobs?q=fingerprint:${fingerprint}` as string}>All of them</Link>}
    >
      <PlainTable
        label="Jobs that died of it"
        columns={['Job', 'Died', '#Attempts', 'Message']}
        rows={data.jobs.map((job) => ({
          key: job.id,
          cells: [
            <Link to={`/jobs/${job.id}` as string}>{job.id.slice(-12)}</Link>,
            <Age at={job.finished_at} />,
            job.attempt,
            <span className={styles.message}>{job.error?.message}</span>,
          ],
        }))}
      />
    </Panel>
  );
}
