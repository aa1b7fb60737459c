import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type ConsoleJob } from '../../api/index.js';
import { ActionDialog, Button, TextField, useAnnounce, useNow } from '../../components/index.js';
import { formatAge, formatTime, momentOf, wallTimeOf } from '../../formats/index.js';
import { useTimeZone } from '../../preferences/index.js';
import styles from './job-dialogs.module.css';

const minute = 60_000;
const steps = [
  { label: 'In 10 minutes', ms: 10 * minute },
  { label: 'In an hour', ms: 60 * minute },
  { label: 'In a day', ms: 24 * 60 * minute },
];

/** Another time for a job that waits, entered in the time zone in which times are shown. */
export function RescheduleJob({ job, onClose }: { job: ConsoleJob; onClose: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const timeZone = useTimeZone();
  const now = useNow();
  const inMinutes = (at: number) => wallTimeOf(at, timeZone).slice(0, 16);
  const [wallTime, setWallTime] = useState(() =>
    inMinutes(Math.max(Date.parse(job.run_at ?? ''), Date.now() + minute)),
  );
  const at = momentOf(wallTime, timeZone);
  const move = useMutation({
    mutationFn: (moment: number) =>
      api.post<{ run_at: string }>(`/v1/jobs/${job.id}/reschedule`, { run_at: new Date(moment).toISOString() }),
    onSuccess: ({ run_at: runAt }) => {
      announce(`The job runs from ${formatTime(runAt, timeZone)}`);
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['job', job.id] }),
  });
  const fault = wallTime === '' ? 'Enter a day and a time' : 'Clocks skip this time in this zone: take another';
  return (
    <ActionDialog
      title={`Reschedule: ${job.title ?? job.kind}`}
      action="Reschedule"
      disabled={at === undefined || move.isPending}
      onAction={() => at !== undefined && move.mutate(at)}
      onClose={onClose}
      error={move.error}
    >
      <TextField
        label={`Not before (${timeZone})`}
        type="datetime-local"
        value={wallTime}
        onChange={setWallTime}
        error={at === undefined ? fault : undefined}
      />
      <div className={styles.quick} role="group" aria-label="From now">
        {steps.map(({ label, ms }) => (
          <Button key={label} onClick={() => setWallTime(inMinutes(Date.now() + ms))}>
            {label}
          </Button>
        ))}
      </div>
      {at !== undefined && (
        <p>
          {formatTime(at, timeZone)}
          {at <= now ? ': that is over, so it runs at once' : `, ${formatAge(at, now)}`}
        </p>
      )}
      <p className={styles.soft}>Safe to repeat: the last time that is set holds. It is written to the audit log.</p>
    </ActionDialog>
  );
}
