import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api, formatJson, type ConsoleJob } from '../../api/index.js';
import { ActionDialog, Loading, PayloadField, useAnnounce, usePayloadText } from '../../components/index.js';
import { useReveal } from './payload.js';

/**
 * The payload in an editor. A dead job runs again itself, with its history; of one that ended otherwise a new job is made.
 */
export function EditJob({ job, onClose }: { job: ConsoleJob; onClose: () => void }) {
  const redrives = job.state === 'dead';
  const queries = useQueryClient();
  const navigate = useNavigate();
  const announce = useAnnounce();
  const payload = usePayloadText();
  // One new job, however often its request is sent.
  const [requestKey] = useState(() => crypto.randomUUID());
  const reveal = useReveal(job.id);
  const { mutate: read } = reveal;
  const { change } = payload;
  useEffect(
    () => read(undefined, { onSuccess: (revealed) => change(formatJson(revealed.payload ?? {}, 2)) }),
    [read, change],
  );

  const send = useMutation({
    mutationFn: async (edited: unknown) =>
      redrives
        ? api.post<{ id: string }>(`/v1/jobs/${job.id}/redrive`, { payload: edited })
        : api.post<{ id: string }>(
            `/v1/jobs/${job.id}/rerun`,
            { payload: edited },
            { headers: { 'idempotency-key': requestKey } },
          ),
    onSuccess: ({ id }) => {
      announce(redrives ? 'The job is sent again with the edited payload' : 'A new job was accepted');
      onClose();
      if (redrives) void queries.invalidateQueries({ queryKey: ['job', id] });
      else void navigate({ to: `/jobs/${id}` });
    },
  });
  return (
    <ActionDialog
      title={redrives ? 'Edit and redrive' : 'Edit and run again as a new job'}
      action={redrives ? 'Redrive with this payload' : 'Run as a new job'}
      disabled={payload.text === '' || send.isPending}
      onAction={() => payload.submit(send.mutate)}
      onClose={onClose}
      error={reveal.error ?? send.error}
      wide
    >
      {reveal.isSuccess && <PayloadField payload={payload} rows={16} />}
      {reveal.isPending && <Loading label="Reading the payload" />}
    </ActionDialog>
  );
}
