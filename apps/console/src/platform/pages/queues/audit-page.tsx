import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, type Answer } from '../../api/index.js';
import {
  Button,
  Empty,
  Loading,
  Page,
  Panel,
  PlainTable,
  ProblemNotice,
  TextField,
  Time,
} from '../../components/index.js';
import { useUrlState } from '../../navigation/index.js';
import styles from './audit-page.module.css';

type Audit = Answer<'/v1/audit', 'get'>;
type Entry = Audit['entries'][number];

/** Who did what. */
export default function AuditPage() {
  const [{ action, subject, cursor }, change] = useUrlState();
  const { data, error } = useQuery({
    queryKey: ['audit', action, subject, cursor],
    queryFn: ({ signal }) => api.get<Audit>('/v1/audit', { query: { action, subject, cursor, limit: 100 }, signal }),
  });
  const filter = (name: string) => (value: string) =>
    change({ [name]: value || undefined, cursor: undefined }, { replace: true });
  return (
    <Page
      title="Audit"
      actions={
        <>
          {cursor && <Button onClick={() => change({ cursor: undefined })}>Newest</Button>}
          {data?.next && <Button onClick={() => change({ cursor: data.next ?? undefined })}>Older</Button>}
        </>
      }
    >
      <Panel title="Filter">
        <div className={styles.filters}>
          <TextField label="Action" placeholder="job.cancel" value={action ?? ''} onChange={filter('action')} />
          <TextField label="Subject" placeholder="An id" value={subject ?? ''} onChange={filter('subject')} />
        </div>
      </Panel>
      <ProblemNotice error={error} />
      {!data && !error && <Loading label="Loading the audit log" />}
      {data?.entries.length === 0 && (
        <Empty title={action || subject ? 'Nothing matches' : 'Nothing was done by hand yet'}>
          {(action || subject) && <p>Actions are whole names like job.cancel, redrive.create or job.reveal.</p>}
        </Empty>
      )}
      {data && data.entries.length > 0 && (
        <PlainTable
          label="What was done by hand"
          columns={['When', 'Who', 'What', 'To', 'Detail']}
          rows={data.entries.map((entry) => ({
            key: entry.id,
            cells: [
              <Time at={entry.at} />,
              entry.actor,
              entry.action,
              <Subject entry={entry} />,
              entry.detail && <code className={styles.detail}>{JSON.stringify(entry.detail)}</code>,
            ],
          }))}
        />
      )}
    </Page>
  );
}

const pages: Record<string, string> = {
  job: 'jobs',
  redrive: 'redrives',
  schedule: 'schedules',
  batch: 'batches',
  status_link: 'jobs',
};

function Subject({ entry: { action, subject } }: { entry: Entry }) {
  const folder = pages[action.split('.')[0] ?? ''];
  const isId = /^[0-9a-f-]{36}$/.test(subject);
  return folder && isId ? <Link to={`/${folder}/${subject}` as string}>{subject.slice(-12)}</Link> : <>{subject}</>;
}
