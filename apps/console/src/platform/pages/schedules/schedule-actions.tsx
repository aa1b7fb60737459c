import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/index.js';
import { Button, ProblemNotice, useAnnounce } from '../../components/index.js';
import { useSession } from '../../session/index.js';
import { EditSchedule } from './edit-schedule.js';
import type { Schedule } from './schedule.js';

/** Pause, resume, run now, edit. */
export function ScheduleActions({ schedule }: { schedule: Schedule }) {
  const { allows } = useSession();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [editing, setEditing] = useState(false);
  const act = useMutation({
    mutationFn: ({ path }: { path: string; done: string }) => api.post(`/v1/schedules/${schedule.id}/${path}`),
    onSuccess: (_, { done }) => announce(done),
    onSettled: () => queries.invalidateQueries({ queryKey: ['schedules'] }),
  });
  if (!allows('schedules:admin')) return null;
  const pause = schedule.paused
    ? { label: 'Resume', path: 'resume', done: 'The schedule fires again' }
    : { label: 'Pause', path: 'pause', done: 'The schedule is paused' };
  return (
    <>
      <Button disabled={act.isPending} onClick={() => act.mutate(pause)}>
        {pause.label}
      </Button>
      <Button disabled={act.isPending} onClick={() => act.mutate({ path: 'run', done: 'Its job is queued' })}>
        Run now
      </Button>
      {schedule.source === 'rest' && <Button onClick={() => setEditing(true)}>Edit</Button>}
      <ProblemNotice error={act.error} />
      {editing && <EditSchedule schedule={schedule} onClose={() => setEditing(false)} />}
    </>
  );
}
