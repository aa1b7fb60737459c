import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/index.js';
import {
  ActionDialog,
  PayloadField,
  SelectField,
  TextField,
  useAnnounce,
  usePayloadText,
} from '../../components/index.js';
import type { Schedule } from './schedule.js';

const options = (values: readonly string[]) => values.map((value) => ({ value, label: value.replace('_', ' ') }));

export function EditSchedule({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [fields, setFields] = useState({
    name: schedule.name,
    cron: schedule.cron,
    time_zone: schedule.time_zone,
    misfire: schedule.misfire,
    overlap: schedule.overlap,
    jitter: String(schedule.jitter_seconds),
  });
  const payload = usePayloadText(schedule.payload ?? {});
  const set = (name: keyof typeof fields) => (value: string) => setFields((before) => ({ ...before, [name]: value }));
  const save = useMutation({
    mutationFn: (edited: unknown) => {
      const { jitter, ...rest } = fields;
      return api.patch(`/v1/schedules/${schedule.id}`, { ...rest, jitter_seconds: Number(jitter), payload: edited });
    },
    onSuccess: () => {
      announce('The schedule is changed');
      void queries.invalidateQueries({ queryKey: ['schedules'] });
      onClose();
    },
  });
  return (
    <ActionDialog
      title={`Edit ${schedule.name}`}
      action="Save"
      disabled={save.isPending}
      onAction={() => payload.submit(save.mutate)}
      onClose={onClose}
      error={save.error}
      wide
    >
      <TextField label="Name" value={fields.name} onChange={set('name')} />
      <TextField label="Cron" hint="Minute hour day month weekday" code value={fields.cron} onChange={set('cron')} />
      <TextField label="Time zone" hint="Europe/Berlin, UTC" value={fields.time_zone} onChange={set('time_zone')} />
      <SelectField
        label="While an earlier job is not over"
        value={fields.overlap}
        onChange={set('overlap')}
        options={options(['allow', 'skip', 'cancel_other'])}
      />
      <SelectField
        label="Missed times"
        value={fields.misfire}
        onChange={set('misfire')}
        options={options(['skip', 'fire_once', 'catch_up'])}
      />
      <TextField label="Seconds of jitter" type="number" value={fields.jitter} onChange={set('jitter')} />
      <PayloadField payload={payload} rows={8} />
    </ActionDialog>
  );
}
