import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, type Answer } from '../../api/index.js';
import { Age, Panel, PlainTable, ProblemNotice } from '../../components/index.js';
import { formatCount } from '../../formats/index.js';
import type { DeadFilter } from '../redrives/index.js';
import styles from './failures-page.module.css';

type FailingGroups = Answer<'/v1/failing', 'get'>;

/** Jobs that fail and are not dead yet; nothing at all when there are none. */
export function Failing({ filter: { kind, queue, code, fingerprint } }: { filter: DeadFilter }) {
  const query = { kind, queue, code, fingerprint, limit: 200 };
  const { data, error } = useQuery({
    queryKey: ['failures', 'failing', query],
    queryFn: ({ signal }) => api.get<FailingGroups>('/v1/failing', { query, signal }),
    refetchInterval: 10_000, // the next try comes nearer without any news
  });
  if (error) return <ProblemNotice error={error} />;
  if (!data || data.groups.length === 0) return null;
  return (
    <Panel title="Failing, and tried again">
      <PlainTable
        label="Causes of failed attempts"
        columns={['Cause', 'Kind', '#Jobs', 'Since', 'Next try', '#Attempts failed', 'Queues']}
        rows={data.groups.map((group) => ({
          key: `${group.fingerprint} ${group.kind} ${group.contract_version} ${group.code}`,
          cells: [
            <>
              <Link to={jobsOf(group) as string}>{group.code ?? 'unknown'}</Link>
              <br />
              <small className={styles.message}>{group.sample_message}</small>
            </>,
            group.kind,
            formatCount(group.count),
            <Age at={group.since} />,
            <Age at={group.next_try} />,
            formatCount(group.most_failures),
            group.queues.join(', '),
          ],
        }))}
      />
    </Panel>
  );
}

function jobsOf({ fingerprint, kind }: FailingGroups['groups'][number]): string {
  const cause = fingerprint ? `fingerprint:${fingerprint}` : `kind:${kind}`;
  return `/jobs?q=${encodeURIComponent(`state:retrying ${cause}`)}`;
}
