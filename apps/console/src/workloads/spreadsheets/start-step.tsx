import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, type Answer } from '../../platform/api/index.js';
import { Button, Panel, ProblemNotice, SelectField, useAnnounce } from '../../platform/components/index.js';
import styles from './sheets.module.css';
import type { SheetPreview, SheetTemplate } from './sheets.js';

export interface StartStepProps {
  uploadId: string;
  template: SheetTemplate;
  preview: SheetPreview;
  corrects: string | undefined;
  /** The preview is being read anew. */
  busy: boolean;
}

/** How bad rows and known ones are treated; then the import begins. */
export function StartStep({ uploadId, template, preview, corrects, busy }: StartStepProps) {
  const [mode, setMode] = useState('partial');
  const [existing, setExisting] = useState('update');
  const announce = useAnnounce();
  const navigate = useNavigate();
  const start = useMutation({
    mutationFn: (dryRun: boolean) =>
      api.post<Answer<'/v1/spreadsheets/imports', 'post'>>('/v1/spreadsheets/imports', {
        upload_id: uploadId,
        template_id: template.id,
        template_version: template.version,
        sheet: preview.sheet,
        header_row: preview.header_row,
        mapping: Object.fromEntries(preview.mapping.map(({ column, header }) => [column, header])),
        mode,
        on_existing: existing,
        dry_run: dryRun,
        corrects,
      }),
    onSuccess: ({ job_id: id, status_url: url }) => {
      announce('The import has begun');
      void navigate({ to: `/spreadsheets/imports/${id}` as string, search: { status: url } as never });
    },
  });
  const impossible = busy || start.isPending || preview.missing.length > 0;
  return (
    <Panel title="Import">
      <div className={styles.row}>
        <SelectField
          label="Rows that are wrong"
          value={mode}
          onChange={setMode}
          options={[
            { value: 'partial', label: 'Store the good rows, report the others' },
            { value: 'all_or_nothing', label: 'Store all rows or none' },
          ]}
        />
        {template.key.length > 0 && (
          <SelectField
            label={`Rows whose ${template.key.join(', ')} is known`}
            value={existing}
            onChange={setExisting}
            options={[
              { value: 'update', label: 'Update the record' },
              { value: 'skip', label: 'Leave the record as it is' },
              { value: 'fail', label: 'Report the row' },
            ]}
          />
        )}
      </div>
      {preview.missing.length > 0 && (
        <p className={styles.bad}>Choose columns for {preview.missing.join(', ')}: the template requires them.</p>
      )}
      <div className={styles.row}>
        <Button variant="primary" disabled={impossible} onClick={() => start.mutate(false)}>
          Import
        </Button>
        <Button disabled={impossible} onClick={() => start.mutate(true)}>
          Try without storing
        </Button>
      </div>
      <ProblemNotice error={start.error} />
    </Panel>
  );
}
