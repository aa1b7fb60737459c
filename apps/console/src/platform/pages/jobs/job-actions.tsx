import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, finalStates, type ConsoleJob } from '../../api/index.js';
import { ActionDialog, Button, useAnnounce } from '../../components/index.js';
import { useSession } from '../../session/index.js';
import { CopyCommands } from './copy-commands.js';
import { EditJob } from './edit-job.js';
import { RescheduleJob } from './reschedule-job.js';
import { ShareJob } from './share-job.js';

interface Action {
  name: string;
  path: string;
  scope: string;
  /** Said when it is done. */
  done: string;
  /** What it means, and whether doing it twice harms. */
  explanation: string;
  offered: (job: ConsoleJob) => boolean;
  danger?: boolean;
}

const actions: readonly Action[] = [
  {
    name: 'Run now',
    path: 'run-now',
    scope: 'jobs:write',
    done: 'The job is queued',
    explanation: 'The job does not wait for its time any longer. Doing this twice changes nothing.',
    offered: ({ state }) => state === 'scheduled' || state === 'retrying',
  },
  {
    name: 'Redrive',
    path: 'redrive',
    scope: 'dead:redrive',
    done: 'The job is sent again',
    explanation:
      'The job runs again with the payload it has. Database effects that are done stay done once; calls to other systems may be repeated. A second redrive is refused while this one is under way.',
    offered: ({ state }) => state === 'dead',
  },
  {
    name: 'Cancel',
    path: 'cancel',
    scope: 'jobs:cancel',
    done: 'The job is cancelled, or was told to stop',
    explanation:
      'A waiting job never runs; a running one is told to stop. Jobs that wait for it may be cancelled as well. It cannot be taken back; doing it twice changes nothing.',
    offered: ({ state, cancel_requested_at: asked }) => !finalStates.includes(state) && !asked,
    danger: true,
  },
];

/** What people may do to the job as it is now. */
export function JobActions({ job }: { job: ConsoleJob }) {
  const { allows } = useSession();
  const [asked, setAsked] = useState<Action>();
  const [opened, setOpened] = useState<'edit' | 'reschedule' | 'share' | 'commands'>();
  const close = () => setOpened(undefined);
  const isOver = finalStates.includes(job.state);
  const canEdit = isOver && allows('payloads:read') && allows(job.state === 'dead' ? 'dead:redrive' : 'jobs:write');
  // What waits for other jobs waits for no time.
  const canMove =
    job.state !== 'running' && !isOver && job.dependencies.every(({ met }) => met) && allows('jobs:write');
  return (
    <>
      {actions
        .filter(({ offered, scope }) => offered(job) && allows(scope))
        .map((action) => (
          <Button key={action.name} variant={action.danger ? 'danger' : 'normal'} onClick={() => setAsked(action)}>
            {action.name}
          </Button>
        ))}
      {canEdit && (
        <Button onClick={() => setOpened('edit')}>
          {job.state === 'dead' ? 'Edit and redrive' : 'Edit and run again'}
        </Button>
      )}
      {canMove && <Button onClick={() => setOpened('reschedule')}>Reschedule</Button>}
      {allows('jobs:write') && <Button onClick={() => setOpened('share')}>Share</Button>}
      <Button onClick={() => setOpened('commands')}>Copy as …</Button>
      {asked && <Confirm job={job} action={asked} onClose={() => setAsked(undefined)} />}
      {opened === 'edit' && <EditJob job={job} onClose={close} />}
      {opened === 'reschedule' && <RescheduleJob job={job} onClose={close} />}
      {opened === 'share' && <ShareJob job={job} onClose={close} />}
      {opened === 'commands' && <CopyCommands job={job} onClose={close} />}
    </>
  );
}

function Confirm({ job, action, onClose }: { job: ConsoleJob; action: Action; onClose: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const run = useMutation({
    mutationFn: () => api.post(`/v1/jobs/${job.id}/${action.path}`, action.path === 'redrive' ? {} : undefined),
    onSuccess: () => {
      announce(action.done);
      onClose();
    },
    // Refused, because it has moved on: show what it is now.
    onSettled: () => queries.invalidateQueries({ queryKey: ['job', job.id] }),
  });
  return (
    <ActionDialog
      title={`${action.name}: ${job.title ?? job.kind}`}
      action={action.name}
      variant={action.danger ? 'danger' : 'primary'}
      disabled={run.isPending}
      onAction={() => run.mutate()}
      onClose={onClose}
      error={run.error}
    >
      <p>{action.explanation}</p>
    </ActionDialog>
  );
}
