import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.js';
import { useAnnounce } from '../../components/announcer.js';
import { Button } from '../../components/button.js';
import { Empty } from '../../components/empty.js';
import { Loading } from '../../components/loading.js';
import { Page, Panel } from '../../components/page.js';
import { PlainTable } from '../../components/plain-table.js';
import { ProblemNotice } from '../../components/problem-notice.js';
import { SelectField } from '../../components/select-field.js';
import { StateBadge } from '../../components/state-badge.js';
import { Age } from '../../components/time.js';
import styles from './sheets.module.css';
import { formatBytes, useLiveSheets, type SheetExports, type SheetTargets } from './sheets.js';

export default function ExportsPage() {
  useLiveSheets();
  const exports = useQuery({
    queryKey: ['sheet-exports'],
    queryFn: ({ signal }) => api.get<SheetExports>('/v1/spreadsheets/exports', { query: { limit: 100 }, signal }),
  });
  return (
    <Page title="Exports" summary="Files of imported records. Each can be downloaded for a day.">
      <NewExport />
      <ProblemNotice error={exports.error} />
      {exports.isPending && <Loading label="Loading the exports" />}
      {exports.data?.exports.length === 0 && <Empty title="Nothing was exported yet" />}
      {exports.data && exports.data.exports.length > 0 && (
        <PlainTable
          label="Exports, newest first"
          columns={['File', 'State', '#Rows', '#Size', 'Begun', 'Download']}
          rows={exports.data.exports.map((run) => ({
            key: run.id,
            cells: [
              run.name,
              <>
                <StateBadge state={run.status} /> {run.status === 'completed' ? '' : run.message}
              </>,
              run.rows,
              run.bytes ? formatBytes(run.bytes) : '',
              <Age at={run.created_at} />,
              run.download ? (
                <a href={run.download} download aria-label={`Download ${run.name}`}>
                  Download
                </a>
              ) : (
                ''
              ),
            ],
          }))}
        />
      )}
    </Page>
  );
}

function NewExport() {
  const [chosen, setTarget] = useState<string>();
  const [format, setFormat] = useState('xlsx');
  const announce = useAnnounce();
  const queries = useQueryClient();
  const targets = useQuery({
    queryKey: ['sheet-targets'],
    queryFn: ({ signal }) => api.get<SheetTargets>('/v1/spreadsheets/targets', { signal }),
  });
  const target = chosen ?? targets.data?.targets[0]?.name;
  const start = useMutation({
    mutationFn: () => api.post('/v1/spreadsheets/exports', { target, format }),
    onSuccess: () => {
      announce('The export has begun');
      void queries.invalidateQueries({ queryKey: ['sheet-exports'] });
    },
  });
  return (
    <Panel title="New export">
      <ProblemNotice error={targets.error} />
      {targets.data?.targets.length === 0 && <p>There are no records yet: import a sheet first.</p>}
      {target !== undefined && (
        <div className={styles.row}>
          <SelectField
            label="Records of"
            value={target}
            onChange={setTarget}
            options={(targets.data?.targets ?? []).map(({ name, records }) => ({
              value: name,
              label: `${name} (${records})`,
            }))}
          />
          <SelectField
            label="Format"
            value={format}
            onChange={setFormat}
            options={[
              { value: 'xlsx', label: 'Excel (.xlsx)' },
              { value: 'csv', label: 'CSV' },
              { value: 'ndjson', label: 'JSON lines' },
            ]}
          />
          <Button variant="primary" disabled={start.isPending} onClick={() => start.mutate()}>
            Export
          </Button>
        </div>
      )}
      <ProblemNotice error={start.error} />
    </Panel>
  );
}
