import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../platform/api/index.js';
import { Age, Empty, Loading, Page, PlainTable, ProblemNotice } from '../../platform/components/index.js';
import type { SheetTemplates } from './sheets.js';

export default function TemplatesPage() {
  const templates = useQuery({
    queryKey: ['sheet-templates'],
    queryFn: ({ signal }) => api.get<SheetTemplates>('/v1/spreadsheets/templates', { query: { limit: 500 }, signal }),
  });
  return (
    <Page
      title="Templates"
      summary="What sheets shall look like, and where their rows go. A change is a new version; imports that have begun keep theirs."
      actions={<Link to={'/spreadsheets/templates/new' as string}>New template</Link>}
    >
      <ProblemNotice error={templates.error} />
      {templates.isPending && <Loading label="Loading the templates" />}
      {templates.data?.templates.length === 0 && (
        <Empty title="There is no template yet">
          <p>
            <Link to={'/spreadsheets/templates/new' as string}>Create the first one</Link>
          </p>
        </Empty>
      )}
      {templates.data && templates.data.templates.length > 0 && (
        <PlainTable
          label="Templates"
          columns={['Name', 'Target', '#Columns', 'Key', '#Version', 'Changed']}
          rows={templates.data.templates.map((template) => ({
            key: template.id,
            cells: [
              <Link to={`/spreadsheets/templates/${template.id}` as string}>{template.name}</Link>,
              template.target,
              template.columns.length,
              template.key.join(', '),
              template.version,
              <Age at={template.version_created_at} />,
            ],
          }))}
        />
      )}
    </Page>
  );
}
