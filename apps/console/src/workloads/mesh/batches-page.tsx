import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { api, type Answer } from '../../platform/api/index.js';
import {
  Age,
  Button,
  Empty,
  Loading,
  Page,
  Panel,
  PlainTable,
  ProblemNotice,
  ProgressBar,
  TextField,
} from '../../platform/components/index.js';
import { useSession } from '../../platform/session/index.js';
import { FileField } from './file-field.js';
import { useMeshJobs, type MeshBatch } from './mesh-data.js';
import { MeshOptionFields } from './mesh-option-fields.js';
import { emptyOptions, optionsOf } from './mesh-options.js';
import styles from './mesh.module.css';

const perUpload = 50;

export default function BatchesPage() {
  const { allows } = useSession();
  useMeshJobs();
  const { data, error } = useQuery({
    queryKey: ['meshes', 'batches'],
    queryFn: ({ signal }) =>
      api.get<Answer<'/v1/mesh-batches', 'get'>>('/v1/mesh-batches', { signal, query: { limit: 100 } }),
  });
  return (
    <Page title="Batches of meshes">
      {allows('jobs:write') && <NewBatch />}
      <ProblemNotice error={error} />
      {!data && !error && <Loading label="Loading batches" rows={4} />}
      {data?.batches.length === 0 && (
        <Empty title="No batches">Choose several pictures to make meshes of them together.</Empty>
      )}
      {data && data.batches.length > 0 && (
        <PlainTable
          label="Batches"
          columns={['Name', 'State', 'Progress', '#Made', '#Failed', '#Pictures', 'Created']}
          rows={data.batches.map((batch) => ({ key: batch.id, cells: cellsOf(batch) }))}
        />
      )}
    </Page>
  );
}

const cellsOf = (batch: MeshBatch) => [
  <Link key="name" to={'/mesh-batches/$id' as never} params={{ id: batch.id } as never}>
    {batch.name}
  </Link>,
  batch.state,
  <ProgressBar key="progress" percent={batch.percent} label="" />,
  batch.completed,
  batch.failed,
  batch.total,
  <Age key="age" at={batch.created_at} />,
];

/** Pictures are sent in parts; how many have arrived is shown. */
function NewBatch() {
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [name, setName] = useState('');
  const [options, setOptions] = useState(emptyOptions);
  const [sent, setSent] = useState<number>();
  const create = useMutation({
    mutationFn: async (files: File[]) => {
      const created = await api.post<MeshBatch>('/v1/mesh-batches', { name, options: optionsOf(options) });
      for (let at = 0; at < files.length; at += perUpload) {
        setSent(at);
        const form = new FormData();
        for (const file of files.slice(at, at + perUpload)) form.append('file', file);
        await api.post(`/v1/mesh-batches/${created.id}/images`, form);
      }
      await api.post(`/v1/mesh-batches/${created.id}/start`);
      return created.id;
    },
    onSuccess: (id) => navigate({ to: '/mesh-batches/$id' as never, params: { id } as never }),
  });
  const files = input.current?.files?.length ?? 0;
  return (
    <Panel title="Make many meshes">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate([...(input.current?.files ?? [])]);
        }}
      >
        <TextField label="Name" value={name} onChange={setName} required />
        <FileField label="Pictures" input={input} multiple />
        <MeshOptionFields value={options} onChange={setOptions} error={create.error} />
        <Button variant="primary" type="submit" disabled={create.isPending}>
          Start
        </Button>
      </form>
      {create.isPending && sent !== undefined && files > 0 && (
        <ProgressBar percent={(sent / files) * 100} label={`${sent} of ${files} pictures sent`} />
      )}
      <ProblemNotice error={create.error} />
    </Panel>
  );
}
