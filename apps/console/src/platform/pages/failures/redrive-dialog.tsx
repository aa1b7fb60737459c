import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/index.js';
import { ActionDialog, CheckField, Loading, TextField, useAnnounce } from '../../components/index.js';
import { formatCount } from '../../formats/index.js';
import { describeFilter, type DeadFilter } from '../redrives/index.js';

interface Count {
  matched: number;
  as_of: string;
}

/**
 * Counts on the server, asks, and starts exactly what was counted: deaths after the count are not among them. One opened dialog makes one
 * redrive, however often the button or the network repeats it.
 */
export function RedriveDialog({ filter, onClose }: { filter: DeadFilter; onClose: () => void }) {
  const [key] = useState(() => crypto.randomUUID());
  const [canary, setCanary] = useState(true);
  const [perSecond, setPerSecond] = useState('');
  const [reason, setReason] = useState('');
  const navigate = useNavigate();
  const announce = useAnnounce();
  const count = useQuery({
    queryKey: ['dead-count', key],
    queryFn: ({ signal }) => api.post<Count>('/v1/dead/redrive', { filter, dry_run: true }, { signal }),
    staleTime: Infinity,
    gcTime: 0,
  });
  const rate = Number(perSecond);
  const fault = perSecond !== '' && !(rate > 0 && rate <= 10_000) ? 'A number above 0, up to 10000' : undefined;
  const start = useMutation({
    mutationFn: ({ as_of: until }: Count) =>
      api.post<{ id: string }>(
        '/v1/dead/redrive',
        {
          filter: { ...filter, until },
          canary,
          ...(perSecond !== '' && { per_second: rate }),
          ...(reason !== '' && { reason }),
        },
        { headers: { 'idempotency-key': key } },
      ),
    // The same key: a request that was carried out and whose answer was lost is answered with the same redrive.
    retry: 3,
    onSuccess: ({ id }) => {
      announce(`The redrive of ${formatCount(count.data?.matched ?? 0)} jobs has started`);
      void navigate({ to: `/redrives/${id}` });
    },
  });
  const matched = count.data?.matched;
  return (
    <ActionDialog
      title="Redrive dead jobs"
      action={matched === undefined ? 'Redrive' : `Redrive ${formatCount(matched)}`}
      disabled={!matched || start.isPending || start.isSuccess || fault !== undefined}
      onAction={() => count.data && start.mutate(count.data)}
      onClose={onClose}
      refusal="Leave them"
      error={count.error ?? start.error}
    >
      {matched === undefined && !count.error && <Loading label="Counting" rows={1} />}
      {matched !== undefined && (
        <p role="status">
          <strong>{formatCount(matched)}</strong> jobs match now: {describeFilter(filter)}. What dies later is left
          alone.
        </p>
      )}
      <CheckField
        label="As a canary: one, then ten, then all; it stops when the same cause comes back"
        checked={canary}
        onChange={setCanary}
      />
      <TextField
        label="Jobs a second"
        hint="As fast as possible when it is empty"
        type="number"
        value={perSecond}
        onChange={setPerSecond}
        error={fault}
      />
      <TextField label="Reason" hint="For the audit log" value={reason} onChange={setReason} />
      <p>Database effects that are done stay done once; calls to other systems may be repeated.</p>
    </ActionDialog>
  );
}
