import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/index.js';
import {
  Age,
  Button,
  Empty,
  Loading,
  Page,
  Panel,
  PlainTable,
  ProblemNotice,
  TextField,
} from '../../components/index.js';
import { formatCount } from '../../formats/index.js';
import { useUrlState } from '../../navigation/index.js';
import { useSession } from '../../session/index.js';
import { describeFilter, filterNames, filterOf, type DeadFilter } from '../redrives/index.js';
import type { DeadGroups } from './dead-group.js';
import { Failing } from './failing.js';
import { FailureStatus } from './failure-status.js';
import styles from './failures-page.module.css';
import { Mutes } from './mutes.js';
import { RedriveDialog } from './redrive-dialog.js';
import { useDeathNews } from './use-death-news.js';

const labels: Record<(typeof filterNames)[number], string> = {
  kind: 'Kind',
  queue: 'Queue',
  code: 'Error code',
  since: 'Died since',
};

/** What broke, since when, how many. */
export default function FailuresPage() {
  const [url, change] = useUrlState();
  const filter = filterOf(url);
  const { allows } = useSession();
  const [redriving, setRedriving] = useState(false);
  useDeathNews();
  const { data, error } = useQuery({
    queryKey: ['failures', filter],
    queryFn: ({ signal }) => api.get<DeadGroups>('/v1/dead', { query: { ...filter, limit: 200 }, signal }),
  });
  const total = data?.groups.reduce((sum, { count }) => sum + count, 0) ?? 0;
  return (
    <Page
      title="Failures"
      summary={data && `${formatCount(total)} dead jobs of ${formatCount(data.groups.length)} causes`}
      actions={
        total > 0 &&
        allows('dead:redrive') && <Button onClick={() => setRedriving(true)}>Redrive {formatCount(total)}</Button>
      }
    >
      <Panel title="Filter">
        <div className={styles.filters}>
          {filterNames.map((name) => (
            <TextField
              key={name}
              label={labels[name]}
              value={url[name] ?? ''}
              placeholder={name === 'since' ? '2026-01-31T08:00Z or 2h' : ''}
              onChange={(value) => change({ [name]: value || undefined }, { replace: true })}
            />
          ))}
        </div>
      </Panel>
      <ProblemNotice error={error} />
      <Failing filter={filter} />
      {!data && !error && <Loading label="Loading the failures" />}
      {data && <Groups groups={data.groups} filter={filter} />}
      <Mutes />
      {redriving && <RedriveDialog filter={filter} onClose={() => setRedriving(false)} />}
    </Page>
  );
}

function Groups({ groups, filter }: { groups: DeadGroups['groups']; filter: DeadFilter }) {
  if (groups.length === 0)
    return (
      <Empty title="No dead jobs">
        <p>
          {describeFilter(filter) === 'every dead job'
            ? 'Every job that ended, ended well, was cancelled or was discarded.'
            : `None matches ${describeFilter(filter)}: remove a filter to see others.`}
        </p>
      </Empty>
    );
  const search = filter.since ? `?since=${encodeURIComponent(filter.since)}` : '';
  return (
    <PlainTable
      label="Causes of death"
      columns={['Cause', 'Status', 'Kind', '#Jobs', 'First', 'Latest', 'Queues']}
      rows={groups.map((group) => ({
        key: `${group.fingerprint} ${group.kind} ${group.contract_version} ${group.code}`,
        cells: [
          <>
            {group.fingerprint ? (
              <Link to={`/failures/${group.fingerprint}${search}` as string}>{group.code ?? 'unknown'}</Link>
            ) : (
              (group.code ?? 'unknown')
            )}
            <br />
            <small className={styles.message}>{group.sample_message}</small>
          </>,
          <FailureStatus group={group} />,
          group.kind,
          formatCount(group.count),
          <Age at={group.first_death} />,
          <Age at={group.last_death} />,
          group.queues.join(', '),
        ],
      }))}
    />
  );
}
