import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api } from '../../api/client.js';
import { formatJson, parseEdited } from '../../api/json.js';
import { useAnnounce } from '../../components/announcer.js';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { Loading } from '../../components/loading.js';
import { ProblemNotice } from '../../components/problem-notice.js';
import { TextField } from '../../components/text-field.js';
import type { ConsoleJob } from './job-page.js';
import { useReveal } from './payload.js';

/**
 * The payload in an editor. A dead job runs again itself, with its history; of one that ended otherwise a new job is made.
 */
export function EditJob({ job, onClose }: { job: ConsoleJob; onClose: () => void }) {
  const redrives = job.state === 'dead';
  const queries = useQueryClient();
  const navigate = useNavigate();
  const announce = useAnnounce();
  const reveal = useReveal(job.id);
  const [text, setText] = useState<string>();
  // One new job, however often its request is sent.
  const [requestKey] = useState(() => crypto.randomUUID());
  const [fault, setFault] = useState<string>();
  const { mutate } = reveal;
  useEffect(() => mutate(undefined, { onSuccess: ({ payload }) => setText(formatJson(payload ?? {}, 2)) }), [mutate]);

  const send = useMutation({
    mutationFn: async (payload: unknown) =>
      redrives
        ? api.post<{ id: string }>(`/v1/jobs/${job.id}/redrive`, { payload })
        : api.post<{ id: string }>(
            `/v1/jobs/${job.id}/rerun`,
            { payload },
            { headers: { 'idempotency-key': requestKey } },
          ),
    onSuccess: ({ id }) => {
      announce(redrives ? 'The job is sent again with the edited payload' : 'A new job was accepted');
      onClose();
      if (redrives) void queries.invalidateQueries({ queryKey: ['job', id] });
      else void navigate({ to: `/jobs/${id}` });
    },
  });
  const submit = () => {
    try {
      const payload = parseEdited(text ?? '');
      setFault(undefined);
      send.mutate(payload);
    } catch (error) {
      setFault(`This is no JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return (
    <Dialog
      title={redrives ? 'Edit and redrive' : 'Edit and run again as a new job'}
      wide
      open
      onOpenChange={onClose}
      actions={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button variant="primary" disabled={text === undefined || send.isPending} onClick={submit}>
            {redrives ? 'Redrive with this payload' : 'Run as a new job'}
          </Button>
        </>
      }
    >
      {text === undefined ? (
        !reveal.error && <Loading label="Reading the payload" />
      ) : (
        <TextField
          label="Payload"
          hint="JSON. What reads [redacted] keeps its value. Whole numbers keep every digit."
          rows={16}
          code
          value={text}
          onChange={setText}
          error={fault}
        />
      )}
      <ProblemNotice error={reveal.error ?? send.error} />
    </Dialog>
  );
}
