import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, type Answer } from '../../api/index.js';
import { ActionDialog, Age, Button, Facts, Panel, ProgressBar, useAnnounce } from '../../components/index.js';
import { formatCount } from '../../formats/index.js';
import { useSession } from '../../session/index.js';

type Batch = Answer<'/v1/batches/{id}', 'get'>;

/** How far a batch or workflow is. */
export function BatchProgress({ batch }: { batch: Batch }) {
  return (
    <Panel title="Progress">
      <ProgressBar percent={batch.percent} label={`${batch.state}, ${formatCount(batch.total)} jobs`} />
      <Facts
        facts={[
          ['Succeeded', formatCount(batch.succeeded)],
          ['Dead', formatCount(batch.dead)],
          ['Cancelled', formatCount(batch.cancelled)],
          ['Running', formatCount(batch.running)],
          ['Waiting', formatCount(batch.pending)],
          ['Over in', batch.eta && <Age at={batch.eta} />],
          ['Made', <Age at={batch.created_at} />],
          ['Ended', batch.finished_at && <Age at={batch.finished_at} />],
          ['Jobs', <Link to={`/jobs?q=batch:${batch.id}` as string}>All of them</Link>],
          ...Object.entries(batch.callbacks).map(([name, kind]) => {
            const job = batch.callback_jobs[name as keyof typeof batch.callback_jobs];
            const shown = job ? <Link to={`/jobs/${job}` as string}>{kind}</Link> : kind;
            return [name.replace('_', ' '), shown] as const;
          }),
        ]}
      />
    </Panel>
  );
}

/** Cancels all that is not over, after asking. */
export function CancelBatch({ batch, path }: { batch: Batch; path: 'batches' | 'workflows' }) {
  const { allows } = useSession();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [asked, setAsked] = useState(false);
  const cancel = useMutation({
    mutationFn: () => api.post(`/v1/${path}/${batch.id}/cancel`),
    onSuccess: () => {
      announce('Its jobs are being cancelled');
      setAsked(false);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['batches'] }),
  });
  if (batch.finished_at || batch.cancel_requested_at || !allows('jobs:cancel')) return null;
  return (
    <>
      <Button variant="danger" onClick={() => setAsked(true)}>
        Cancel
      </Button>
      {asked && (
        <ActionDialog
          title={`Cancel ${batch.name || 'these jobs'}`}
          action={`Cancel ${formatCount(batch.pending + batch.running)}`}
          variant="danger"
          disabled={cancel.isPending}
          onAction={() => cancel.mutate()}
          onClose={() => setAsked(false)}
          refusal="Leave them"
          error={cancel.error}
        >
          <p>Waiting jobs never run; running ones are told to stop. It cannot be taken back.</p>
        </ActionDialog>
      )}
    </>
  );
}
