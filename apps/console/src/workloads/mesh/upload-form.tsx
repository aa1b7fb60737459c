import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { api, type Answer, type JobSummary } from '../../platform/api/index.js';
import { Button, Panel, ProblemNotice, ProgressBar, useAnnounce } from '../../platform/components/index.js';
import { FileField } from './file-field.js';
import { MeshOptionFields } from './mesh-option-fields.js';
import { emptyOptions, optionsOf } from './mesh-options.js';
import styles from './mesh.module.css';

type Created = Answer<'/v1/meshes', 'post'>;

/** One picture with its options; how far its mesh is shows below until it is there. */
export function UploadForm({ jobs }: { jobs: ReadonlyMap<string, JobSummary> }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const input = useRef<HTMLInputElement>(null);
  const [options, setOptions] = useState(emptyOptions);
  const upload = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData();
      form.set('options', JSON.stringify(optionsOf(options)));
      form.set('file', file);
      return api.post<Created>('/v1/meshes', form);
    },
    onSuccess: () => {
      announce('The picture is uploaded');
      void queries.invalidateQueries({ queryKey: ['meshes'] });
    },
  });
  return (
    <Panel title="Make a mesh">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          const file = input.current?.files?.[0];
          if (file) upload.mutate(file);
        }}
      >
        <FileField label="Picture" input={input} />
        <MeshOptionFields value={options} onChange={setOptions} error={upload.error} />
        <Button variant="primary" type="submit" disabled={upload.isPending}>
          {upload.isPending ? 'Uploading' : 'Make it'}
        </Button>
      </form>
      <ProblemNotice error={upload.error} />
      {upload.data && <Progress created={upload.data} job={jobs.get(upload.data.job_id)} />}
    </Panel>
  );
}

function Progress({ created, job }: { created: Created; job: JobSummary | undefined }) {
  const state = job?.state ?? 'queued';
  const link = (
    <Link to={'/meshes/$id' as never} params={{ id: created.id } as never}>
      {state === 'succeeded' ? 'Look at it' : 'Its page'}
    </Link>
  );
  if (state === 'dead') return <p>It could not be made. {link} says why.</p>;
  const done = state === 'succeeded';
  return (
    <div aria-label="Progress">
      <ProgressBar
        percent={done ? 100 : (job?.progress?.percent ?? 0)}
        label={done ? 'The mesh is there' : job?.progress?.message || state}
      />
      {link}
    </div>
  );
}
