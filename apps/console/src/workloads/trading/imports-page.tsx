import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { api, type Answer } from '../../platform/api/index.js';
import {
  Age,
  Button,
  Empty,
  Loading,
  Panel,
  PlainTable,
  ProblemNotice,
  SelectField,
  TextField,
  useAnnounce,
} from '../../platform/components/index.js';
import { formatCount } from '../../platform/formats/index.js';
import { useSession } from '../../platform/session/index.js';
import { useJobsOfKind } from './job-of-kind.js';
import { TradingPage } from './trading-page.js';
import styles from './trading-page.module.css';

type Imports = Answer<'/v1/trades/imports', 'get'>;

export default function ImportsPage() {
  return (
    <TradingPage title="Imports">
      {(userId) => (
        <>
          <Upload userId={userId} />
          <ImportList userId={userId} />
        </>
      )}
    </TradingPage>
  );
}

function ImportList({ userId }: { userId: string }) {
  const queries = useQueryClient();
  const list = useQuery({
    queryKey: ['trading', 'imports', userId],
    queryFn: ({ signal }) => api.get<Imports>('/v1/trades/imports', { query: { user_id: userId, limit: 100 }, signal }),
  });
  useJobsOfKind('trading.import_trades', () => void queries.invalidateQueries({ queryKey: ['trading', 'imports'] }));
  return (
    <Panel title="Past imports">
      <ProblemNotice error={list.error} />
      {list.isPending && <Loading label="Loading the imports" />}
      {list.data?.imports.length === 0 && (
        <Empty title="Nothing was imported yet">
          <p>Choose a file above, or connect an account.</p>
        </Empty>
      )}
      {list.data && list.data.imports.length > 0 && (
        <PlainTable
          label="Imports"
          columns={['Begun', 'State', '#Read', '#New', '#Bad rows']}
          rows={list.data.imports.map((row) => ({
            key: row.id,
            cells: [
              <Link to={`/trading/imports/${row.id}` as string}>
                <Age at={row.started_at} />
              </Link>,
              row.finished_at ? 'done' : 'under way',
              formatCount(row.fetched),
              formatCount(row.stored),
              formatCount(row.failed),
            ],
          }))}
        />
      )}
    </Panel>
  );
}

const formats = [
  { value: 'schwab_csv', label: 'Schwab CSV' },
  { value: 'ibkr_flex_xml', label: 'Interactive Brokers Flex XML' },
  { value: 'generic_csv', label: 'Any CSV' },
];
const exampleMapping =
  '{"symbol": "Symbol", "side": "Side", "quantity": "Quantity", "price": "Price", "timestamp": "Time"}';

function Upload({ userId }: { userId: string }) {
  const { allows } = useSession();
  const navigate = useNavigate();
  const announce = useAnnounce();
  const [format, setFormat] = useState('generic_csv');
  const [mapping, setMapping] = useState(exampleMapping);
  const [file, setFile] = useState<File>();
  const run = useMutation({
    mutationFn: () => {
      const form = new FormData();
      form.set('user_id', userId);
      form.set('format', format);
      if (format === 'generic_csv') form.set('mapping', mapping);
      form.set('file', file as File);
      return api.post<{ job_id: string }>('/v1/trades/imports', form);
    },
    onSuccess: ({ job_id: id }) => {
      announce('The import has begun');
      void navigate({ to: `/trading/imports/${id}` });
    },
  });
  if (!allows('jobs:write')) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run.mutate();
  };
  return (
    <Panel title="Import a file">
      <form className={styles.form} onSubmit={submit}>
        <SelectField label="Format" value={format} onChange={setFormat} options={formats} />
        <label>
          File
          <input type="file" required onChange={(event) => setFile(event.target.files?.[0])} />
        </label>
        {format === 'generic_csv' && (
          <TextField
            label="Columns"
            hint="Which column holds what, as JSON"
            rows={3}
            code
            value={mapping}
            onChange={setMapping}
          />
        )}
        <Button type="submit" variant="primary" disabled={!file || run.isPending}>
          {run.isPending ? 'Sending …' : 'Import'}
        </Button>
      </form>
      <ProblemNotice error={run.error} />
    </Panel>
  );
}
