import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../platform/api/index.js';
import { Panel, ProblemNotice, ProgressBar, useAnnounce } from '../../platform/components/index.js';
import styles from './sheets.module.css';
import { formatBytes, type SheetUpload } from './sheets.js';

/** A file is chosen or dropped, and sent. */
export function UploadStep({ onUploaded }: { onUploaded: (upload: SheetUpload) => void }) {
  const [share, setShare] = useState(0);
  const announce = useAnnounce();
  const sending = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData();
      form.set('file', file);
      setShare(0);
      return api.upload<SheetUpload>('/v1/spreadsheets/uploads', form, setShare);
    },
    onSuccess: (upload) => {
      announce(`${upload.name} is uploaded`);
      onUploaded(upload);
    },
  });
  const send = (files: FileList | null) => files?.[0] && sending.mutate(files[0]);
  return (
    <Panel title="The file">
      <div
        className={styles.drop}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          send(event.dataTransfer.files);
        }}
      >
        <label htmlFor="sheet-file">An .xlsx, .xls or .csv file</label>
        <input
          id="sheet-file"
          type="file"
          accept=".xlsx,.xlsm,.xls,.csv,.txt,.tsv"
          disabled={sending.isPending}
          onChange={(event) => send(event.target.files)}
        />
        <p className={styles.hint}>Or drop it here.</p>
      </div>
      {sending.isPending && (
        <ProgressBar
          percent={share < 1 ? share * 100 : undefined}
          label={share < 1 ? `of ${formatBytes(sending.variables?.size ?? 0)} sent` : 'Looking into the file'}
        />
      )}
      <ProblemNotice error={sending.error} />
    </Panel>
  );
}
