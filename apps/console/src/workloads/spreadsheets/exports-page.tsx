import { useQuery } from '@tanstack/react-query';
import { api } from '../../platform/api/index.js';
import { Age, Empty, Loading, Page, PlainTable, ProblemNotice, StateBadge } from '../../platform/components/index.js';
import { formatBytes, useLiveSheets, type SheetExports } from './sheets.js';
import { NewExport } from './new-export.js';

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
