import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, finalStates, type Answer, type ConsoleJob } from '../../api/index.js';
import {
  Button,
  CheckField,
  CopyButton,
  Dialog,
  ProblemNotice,
  SelectField,
  Time,
  useAnnounce,
} from '../../components/index.js';
import { useSession } from '../../session/index.js';
import styles from './job-dialogs.module.css';
import { StatusLinks, statusLinksKey } from './status-links.js';

type Created = Answer<'/v1/jobs/{id}/status-links', 'post'>;

const day = 86_400;
const lifetimes = [
  { value: String(day / 24), label: 'One hour' },
  { value: String(day), label: 'One day' },
  { value: String(7 * day), label: 'One week' },
  { value: String(30 * day), label: '30 days' },
  { value: String(365 * day), label: 'One year' },
];

/** Links to a page that shows the job to people without an API key: a new one, and those there are. */
export function ShareJob({ job, onClose }: { job: ConsoleJob; onClose: () => void }) {
  const { allows } = useSession();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [lifetime, setLifetime] = useState(String(day));
  const [mayCancel, setMayCancel] = useState(false);
  const create = useMutation({
    mutationFn: () =>
      api.post<Created>(`/v1/jobs/${job.id}/status-links`, {
        expires_in_seconds: Number(lifetime),
        may_cancel: mayCancel,
      }),
    onSuccess: () => {
      announce('The link is made');
      void queries.invalidateQueries({ queryKey: statusLinksKey(job.id) });
    },
  });
  return (
    <Dialog title={`Share the status of: ${job.title ?? job.kind}`} wide open onOpenChange={onClose}>
      <p>
        Whoever has the link sees how far the job is, what went wrong and what there is to download, without logging in.
        Payload, stack and names of the inside are not shown.
      </p>
      <SelectField label="The link holds for" value={lifetime} onChange={setLifetime} options={lifetimes} />
      {!finalStates.includes(job.state) && allows('jobs:cancel') && (
        <CheckField label="Whoever has it may cancel the job" checked={mayCancel} onChange={setMayCancel} />
      )}
      <p className={styles.soft}>
        Every click makes a further link; those that are not needed can be taken back below.
      </p>
      <div>
        <Button variant="primary" disabled={create.isPending} onClick={() => create.mutate()}>
          Make a link
        </Button>
      </div>
      <ProblemNotice error={create.error} />
      {create.data && <Made link={create.data} />}
      <StatusLinks jobId={job.id} />
    </Dialog>
  );
}

function Made({ link: { url, expires_at: expires } }: { link: Created }) {
  return (
    <div className={styles.made} role="group" aria-label="The new link">
      <p>
        Copy it now: it is not shown again. It holds until <Time at={expires} />.
      </p>
      <div className={styles.line}>
        <a href={url} target="_blank" rel="noreferrer">
          {url}
        </a>
        <CopyButton what="the link" text={url} />
      </div>
    </div>
  );
}
