import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../platform/api/index.js';
import { Button, Panel, ProblemNotice, SelectField, useAnnounce } from '../../platform/components/index.js';
import styles from './sheets.module.css';
import type { SheetQueries, SheetTargets } from './sheets.js';

interface Source {
  value: string;
  label: string;
  /** As the request names it. */
  body: { target: string } | { query_id: string };
  /** Where the records lie, for whoever writes SQL. */
  table: string | undefined;
}

function sourcesOf({ targets }: SheetTargets, { queries }: SheetQueries): Source[] {
  const tables = new Map(targets.map(({ name, table }) => [name, table]));
  return [
    ...targets.map(({ name, records, table }) => ({
      value: `target ${name}`,
      label: `${name} (${records})`,
      body: { target: name },
      table,
    })),
    ...queries.map(({ id, name, target }) => ({
      value: `query ${id}`,
      label: `${name} (query of ${target})`,
      body: { query_id: id },
      table: tables.get(target),
    })),
  ];
}

/** All records of a target, or those of a stored query, into a file. */
export function NewExport() {
  const [chosen, choose] = useState<string>();
  const [format, setFormat] = useState('xlsx');
  const announce = useAnnounce();
  const queries = useQueryClient();
  const found = useQuery({
    queryKey: ['sheet-sources'],
    queryFn: async ({ signal }) =>
      sourcesOf(
        await api.get<SheetTargets>('/v1/spreadsheets/targets', { signal }),
        await api.get<SheetQueries>('/v1/spreadsheets/queries', { query: { limit: 500 }, signal }),
      ),
  });
  const source = found.data?.find(({ value }) => value === chosen) ?? found.data?.[0];
  const start = useMutation({
    mutationFn: () => api.post('/v1/spreadsheets/exports', { ...source?.body, format }),
    onSuccess: () => {
      announce('The export has begun');
      void queries.invalidateQueries({ queryKey: ['sheet-exports'] });
    },
  });
  return (
    <Panel title="New export">
      <ProblemNotice error={found.error} />
      {found.data?.length === 0 && <p>There are no records yet: import a sheet first.</p>}
      {found.data && source && (
        <>
          <div className={styles.row}>
            <SelectField
              label="Records of"
              value={source.value}
              onChange={choose}
              options={found.data.map(({ value, label }) => ({ value, label }))}
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
          {source.table && (
            <p className={styles.hint}>
              In PostgreSQL: <code>{source.table}</code>
            </p>
          )}
        </>
      )}
      <ProblemNotice error={start.error} />
    </Panel>
  );
}
