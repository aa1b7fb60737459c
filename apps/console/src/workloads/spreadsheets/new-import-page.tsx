import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../platform/api/index.js';
import { Button, Empty, Loading, Page, Panel, ProblemNotice, SelectField } from '../../platform/components/index.js';
import { useUrlState } from '../../platform/navigation/index.js';
import { MappingStep } from './mapping-step.js';
import styles from './sheets.module.css';
import { formatBytes, type SheetPreview, type SheetTemplates, type SheetUpload } from './sheets.js';
import { StartStep } from './start-step.js';
import { UploadStep } from './upload-step.js';

/** Upload, map, look, import. The file, the template and the sheet are in the URL; what is mapped by hand is not. */
export default function NewImportPage() {
  const [{ upload: uploadId, template: templateId, sheet, corrects }, change] = useUrlState();
  const [mapping, setMapping] = useState<Record<string, string>>();
  const upload = useQuery({
    queryKey: ['sheet-upload', uploadId],
    queryFn: ({ signal }) => api.get<SheetUpload>(`/v1/spreadsheets/uploads/${uploadId}`, { signal }),
    enabled: uploadId !== undefined,
  });
  const templates = useQuery({
    queryKey: ['sheet-templates'],
    queryFn: ({ signal }) => api.get<SheetTemplates>('/v1/spreadsheets/templates', { query: { limit: 500 }, signal }),
  });
  const template = templates.data?.templates.find(({ id }) => id === templateId);
  const preview = useQuery({
    queryKey: ['sheet-preview', uploadId, templateId, sheet, mapping],
    queryFn: ({ signal }) =>
      api.post<SheetPreview>(
        `/v1/spreadsheets/uploads/${uploadId}/preview`,
        { template_id: templateId, sheet: sheet ?? '', mapping },
        { signal },
      ),
    enabled: upload.data !== undefined && template !== undefined,
    placeholderData: (before) => before,
    retry: false,
  });
  const map = (column: string, header: string) => {
    const known = Object.fromEntries(preview.data?.mapping.map((match) => [match.column, match.header]) ?? []);
    const { [column]: _, ...others } = { ...known, ...mapping };
    setMapping(header === '' ? others : { ...others, [column]: header });
  };
  return (
    <Page title="Import a sheet" summary={corrects && 'These rows correct an import that could not take them.'}>
      <ProblemNotice error={templates.error ?? upload.error} />
      {templates.data?.templates.length === 0 && (
        <Empty title="There is no template yet">
          <p>
            A template says which columns a sheet has and where its rows go.{' '}
            <Link to={'/spreadsheets/templates/new' as string}>Create a template</Link>
          </p>
        </Empty>
      )}
      {uploadId === undefined || upload.error ? (
        <UploadStep onUploaded={({ id }) => change({ upload: id, sheet: undefined })} />
      ) : (
        upload.data && (
          <Panel
            title="The file"
            actions={<Button onClick={() => change({ upload: undefined, sheet: undefined })}>Another file</Button>}
          >
            <p>
              <strong>{upload.data.name}</strong>, {upload.data.type}, {formatBytes(upload.data.bytes)}
            </p>
            <div className={styles.row}>
              <SelectField
                label="Sheet"
                value={sheet ?? upload.data.sheets.find(({ hidden }) => !hidden)?.name ?? ''}
                onChange={(next) => {
                  setMapping(undefined);
                  change({ sheet: next });
                }}
                options={upload.data.sheets.map(({ name, rows, hidden }) => ({
                  value: name,
                  label: `${name} (${rows} rows${hidden ? ', hidden' : ''})`,
                }))}
              />
              <SelectField
                label="Template"
                value={templateId ?? ''}
                onChange={(next) => {
                  setMapping(undefined);
                  change({ template: next || undefined });
                }}
                options={[
                  { value: '', label: 'Choose a template' },
                  ...(templates.data?.templates.map(({ id, name, version }) => ({
                    value: id,
                    label: `${name} (version ${version})`,
                  })) ?? []),
                ]}
              />
            </div>
          </Panel>
        )
      )}
      <ProblemNotice error={preview.error} />
      {preview.isLoading && <Loading label="Reading the first rows" />}
      {template && preview.data && !preview.error && (
        <>
          <MappingStep template={template} preview={preview.data} onMap={map} />
          <StartStep
            uploadId={uploadId as string}
            template={template}
            preview={preview.data}
            corrects={corrects}
            busy={preview.isFetching}
          />
        </>
      )}
    </Page>
  );
}
