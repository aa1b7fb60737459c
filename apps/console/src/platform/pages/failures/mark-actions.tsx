import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/index.js';
import { ActionDialog, Button, ProblemNotice, SelectField, TextField, useAnnounce } from '../../components/index.js';
import type { DeadGroup } from './dead-group.js';

const hourMs = 3_600_000;
const lengths = [
  { value: '1', label: 'an hour' },
  { value: '24', label: 'a day' },
  { value: '168', label: 'a week' },
  { value: '', label: 'until somebody ends it' },
];

/** Mute and resolve, and their ends. */
export function MarkActions({ fingerprint, status }: { fingerprint: string; status: DeadGroup['status'] }) {
  const [asking, setAsking] = useState<'mute' | 'resolve'>();
  const undo = useMark(fingerprint, () => undefined);
  const close = () => setAsking(undefined);
  return (
    <>
      {status === 'muted' ? (
        <Button disabled={undo.isPending} onClick={() => undo.mutate({ mark: 'mute' })}>
          Unmute
        </Button>
      ) : (
        <Button onClick={() => setAsking('mute')}>Mute</Button>
      )}
      {status === 'resolved' ? (
        <Button disabled={undo.isPending} onClick={() => undo.mutate({ mark: 'resolve' })}>
          Reopen
        </Button>
      ) : (
        <Button onClick={() => setAsking('resolve')}>Resolve</Button>
      )}
      <ProblemNotice error={undo.error} />
      {asking === 'mute' && <MuteDialog fingerprint={fingerprint} onClose={close} />}
      {asking === 'resolve' && <ResolveDialog fingerprint={fingerprint} onClose={close} />}
    </>
  );
}

/** Sets a mark; without a body it is taken back. */
export function useMark(fingerprint: string, onDone: () => void) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  return useMutation({
    mutationFn: ({ mark, body }: { mark: 'mute' | 'resolve'; body?: object }) => {
      const path = `/v1/dead/${fingerprint}/${mark}`;
      return body ? api.post<unknown>(path, body) : api.delete<unknown>(path);
    },
    onSuccess: (_answer, { mark, body }) => {
      const said = mark === 'mute' ? ['muted', 'no longer muted'] : ['resolved', 'open again'];
      announce(`The failure is ${said[body ? 0 : 1]}`);
      void queries.invalidateQueries({ queryKey: ['failures'] });
      onDone();
    },
  });
}

function MuteDialog({ fingerprint, onClose }: { fingerprint: string; onClose: () => void }) {
  const [hours, setHours] = useState('24');
  const [reason, setReason] = useState('');
  const mark = useMark(fingerprint, onClose);
  const mute = () => {
    const until = hours === '' ? {} : { until: new Date(Date.now() + Number(hours) * hourMs).toISOString() };
    mark.mutate({ mark: 'mute', body: { reason, ...until } });
  };
  return (
    <ActionDialog
      title="Mute the failure"
      action="Mute"
      disabled={reason.trim() === '' || mark.isPending}
      onAction={mute}
      onClose={onClose}
      error={mark.error}
    >
      <p>Jobs that die of it stay in the list, but raise no alarm.</p>
      <SelectField label="For" value={hours} onChange={setHours} options={lengths} />
      <TextField label="Reason" hint="For those who see that it is muted" value={reason} onChange={setReason} />
    </ActionDialog>
  );
}

function ResolveDialog({ fingerprint, onClose }: { fingerprint: string; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const mark = useMark(fingerprint, onClose);
  return (
    <ActionDialog
      title="Resolve the failure"
      action="Resolve"
      disabled={mark.isPending}
      onAction={() => mark.mutate({ mark: 'resolve', body: reason.trim() === '' ? {} : { reason } })}
      onClose={onClose}
      error={mark.error}
    >
      <p>When a job dies of it again, it is open again and shown as recurred. The dead jobs stay as they are.</p>
      <TextField label="What was done" value={reason} onChange={setReason} />
    </ActionDialog>
  );
}
