import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/index.js';
import { ActionDialog, TextField, useAnnounce } from '../../components/index.js';

/** Nothing is paused without a reason: whoever finds the jobs waiting reads it. */
export function PauseDialog({ queue, onClose }: { queue: string; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const announce = useAnnounce();
  const pause = useMutation({
    mutationFn: () => api.post('/v1/pauses', { scope: 'queue', value: queue, reason }),
    onSuccess: () => {
      announce(`The queue ${queue} is paused`);
      void queries.invalidateQueries({ queryKey: ['pauses'] });
      onClose();
    },
  });
  return (
    <ActionDialog
      title={`Pause ${queue}`}
      action="Pause"
      variant="danger"
      disabled={reason.trim() === '' || pause.isPending}
      onAction={() => pause.mutate()}
      onClose={onClose}
      error={pause.error}
    >
      <p>No job of the queue starts until it is resumed. Those that run go on; new ones are accepted and wait.</p>
      <TextField label="Reason" value={reason} onChange={setReason} required autoFocus />
    </ActionDialog>
  );
}
