import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../platform/api/index.js';
import { Age, Empty, Loading, Page, PlainTable, ProblemNotice, StateBadge } from '../../platform/components/index.js';
import { useLiveSheets, type SheetImports } from './sheets.js';

export default function ImportsPage() {
  useLiveSheets();
  const imports = useQuery({
    queryKey: ['sheet-imports'],
    queryFn: ({ signal }) => api.get<SheetImports>('/v1/spreadsheets/imports', { query: { limit: 100 }, signal }),
  });
  return (
    <Page
      title="Imports"
      summary="Sheets that were imported, with what could not be taken. They and their files expire after a day; the records stay."
      actions={<Link to={'/spreadsheets/imports/new' as string}>Import a sheet</Link>}
    >
      <ProblemNotice error={imports.error} />
      {imports.isPending && <Loading label="Loading the imports" />}
      {imports.data?.imports.length === 0 && (
        <Empty title="Nothing was imported yet">
          <p>
            <Link to={'/spreadsheets/imports/new' as string}>Upload a sheet</Link>; a template says what it shall look
            like.
          </p>
        </Empty>
      )}
      {imports.data && imports.data.imports.length > 0 && (
        <PlainTable
          label="Imports, newest first"
          columns={['File', 'State', 'Target', 'Outcome', 'Begun']}
          rows={imports.data.imports.map((run) => ({
            key: run.id,
            cells: [
              <Link to={`/spreadsheets/imports/${run.id}` as string}>{run.file_name}</Link>,
              <StateBadge state={run.status} />,
              run.target,
              run.message,
              <Age at={run.created_at} />,
            ],
          }))}
        />
      )}
    </Page>
  );
}
