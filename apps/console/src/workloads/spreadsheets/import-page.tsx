import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../platform/api/index.js';
import {
  Button,
  Facts,
  Loading,
  Page,
  Panel,
  PlainTable,
  ProblemNotice,
  ProgressBar,
  StateBadge,
  Time,
  useAnnounce,
} from '../../platform/components/index.js';
import { usePathParameter, useUrlState } from '../../platform/navigation/index.js';
import { useSession } from '../../platform/session/index.js';
import styles from './sheets.module.css';
import { useLiveSheets, type SheetErrors, type SheetImport } from './sheets.js';

const shownErrors = 200;

export default function ImportPage() {
  const id = usePathParameter('id');
  const [{ status: statusUrl }] = useUrlState();
  useLiveSheets();
  const run = useQuery({
    queryKey: ['sheet-import', id],
    queryFn: ({ signal }) => api.get<SheetImport>(`/v1/spreadsheets/imports/${id}`, { signal }),
  });
  if (!run.data) {
    return (
      <Page title="Import">
        {run.error ? <ProblemNotice error={run.error} /> : <Loading label="Loading the import" />}
      </Page>
    );
  }
  const open = run.data.status === 'pending' || run.data.status === 'processing';
  return (
    <Page
      title={run.data.file_name}
      summary={run.data.dry_run ? 'A try: nothing is stored.' : `Into ${run.data.target}`}
      actions={open && <Cancel id={id} />}
    >
      <Panel title="Outcome">
        <p role="status">
          <StateBadge state={run.data.status} /> {run.data.message}
        </p>
        {open && <ProgressBar percent={run.data.percent} label={`of ${run.data.total_rows} rows`} />}
        <Counts run={run.data} />
        <FailedRows run={run.data} />
        {statusUrl?.includes('/status/') && (
          <p>
            <a href={statusUrl}>Status page</a>{' '}
            <span className={styles.hint}>for whoever may know, without a login</span>
          </p>
        )}
      </Panel>
      {run.data.failed > 0 && <Errors id={id} failed={run.data.failed} />}
      <Panel title="Facts">
        <Facts
          facts={[
            ['Job', <Link to={`/jobs/${id}` as string}>{id}</Link>],
            ['Sheet', run.data.sheet],
            ['Header in row', run.data.header_row],
            [
              'Template',
              <Link to={`/spreadsheets/templates/${run.data.template_id}` as string}>
                version {run.data.template_version}
              </Link>,
            ],
            [
              'Corrects',
              run.data.corrects && (
                <Link to={`/spreadsheets/imports/${run.data.corrects}` as string}>an earlier import</Link>
              ),
            ],
            ['Begun', <Time at={run.data.started_at} />],
            ['Ended', run.data.finished_at && <Time at={run.data.finished_at} />],
            ['Kept until', <Time at={run.data.expires_at} />],
          ]}
        />
      </Panel>
    </Page>
  );
}

function Counts({ run }: { run: SheetImport }) {
  const counts = [
    ['Rows read', run.rows],
    ['Created', run.created],
    ['Updated', run.updated],
    ['Unchanged', run.unchanged],
    ['Failed', run.failed],
  ] as const;
  return (
    <dl className={styles.counts}>
      {counts.map(([name, count]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{count}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The way to get the rest in: download, correct, import. */
function FailedRows({ run }: { run: SheetImport }) {
  if (!run.failed_rows) return null;
  const again = `/spreadsheets/imports/new?template=${run.template_id}&corrects=${run.id}`;
  return (
    <p>
      <a href={run.failed_rows} download>
        Download the rows that failed
      </a>
      , correct what is marked, and <Link to={again as string}>import the corrected file</Link>.
    </p>
  );
}

function Cancel({ id }: { id: string }) {
  const announce = useAnnounce();
  const { allows } = useSession();
  const cancel = useMutation({
    mutationFn: () => api.post(`/v1/jobs/${id}/cancel`),
    onSuccess: () => announce('The import is told to stop'),
  });
  if (!allows('jobs:cancel')) return null;
  return (
    <>
      <Button variant="danger" disabled={cancel.isPending || cancel.isSuccess} onClick={() => cancel.mutate()}>
        Cancel
      </Button>
      <ProblemNotice error={cancel.error} />
    </>
  );
}

function Errors({ id, failed }: { id: string; failed: number }) {
  const errors = useQuery({
    // Read again when there are more.
    queryKey: ['sheet-import', id, 'errors', Math.min(failed, shownErrors)],
    queryFn: ({ signal }) =>
      api.get<SheetErrors>(`/v1/spreadsheets/imports/${id}/errors`, { query: { limit: shownErrors }, signal }),
    placeholderData: (before) => before,
  });
  return (
    <Panel title="What is wrong">
      <ProblemNotice error={errors.error} />
      {errors.isPending && <Loading label="Loading the errors" />}
      {errors.data && (
        <PlainTable
          label="What is wrong with the rows that failed"
          columns={['Row', 'Column', 'Value', 'What is wrong', 'Rule']}
          rows={errors.data.errors.map(({ row, column, value, message, rule }, at) => ({
            key: `${row} ${column} ${at}`,
            cells: [row, column, <div className={styles.cell}>{value}</div>, message, rule],
          }))}
        />
      )}
      {errors.data?.next && <p className={styles.hint}>The first {shownErrors}; all are in the file.</p>}
    </Panel>
  );
}
