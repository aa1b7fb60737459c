import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.js';
import { useAnnounce } from '../../components/announcer.js';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { ProblemNotice } from '../../components/problem-notice.js';
import { TextField } from '../../components/text-field.js';

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
    <Dialog
      title={`Pause ${queue}`}
      open
      onOpenChange={onClose}
      actions={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button variant="danger" disabled={reason.trim() === '' || pause.isPending} onClick={() => pause.mutate()}>
            Pause
          </Button>
        </>
      }
    >
      <p>No job of the queue starts until it is resumed. Those that run go on; new ones are accepted and wait.</p>
      <TextField label="Reason" value={reason} onChange={setReason} required autoFocus />
      <ProblemNotice error={pause.error} />
    </Dialog>
  );
}
