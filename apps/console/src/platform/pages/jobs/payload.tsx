import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, formatJson, type Answer, type ConsoleJob } from '../../api/index.js';
import { Button, Panel, ProblemNotice, useAnnounce } from '../../components/index.js';
import { useSession } from '../../session/index.js';
import styles from './job-page.module.css';

export type Revealed = Answer<'/v1/console/jobs/{id}/reveal', 'post'>;

/** Reads payload and result; nothing keeps them but the component that asked. */
export function useReveal(id: string) {
  return useMutation({
    mutationFn: () => api.post<Revealed>(`/v1/console/jobs/${id}/reveal`),
    // Gone with the component, not minutes later.
    gcTime: 0,
  });
}

/** Payload and result, hidden until somebody asks. */
export function Payload({ job }: { job: ConsoleJob }) {
  const { allows } = useSession();
  const announce = useAnnounce();
  const reveal = useReveal(job.id);
  const { reset } = reveal;
  // A result that came since is not what was revealed.
  useEffect(() => reset(), [job.state, reset]);
  if (!allows('payloads:read'))
    return (
      <Panel title="Payload and result">
        <p>Hidden: your API key lacks the scope payloads:read.</p>
      </Panel>
    );
  return (
    <Panel
      title="Payload and result"
      actions={
        reveal.data ? (
          <Button onClick={reset}>Hide</Button>
        ) : (
          <Button
            disabled={reveal.isPending}
            onClick={() => reveal.mutate(undefined, { onSuccess: () => announce('Payload and result are shown') })}
          >
            Reveal
          </Button>
        )
      }
    >
      <ProblemNotice error={reveal.error} />
      {reveal.data ? (
        <>
          <Json title="Payload" value={reveal.data.payload} missing="Its bytes cannot be read." />
          <Json title="Result" value={reveal.data.result} missing="There is none." />
        </>
      ) : (
        <p className={styles.soft}>Hidden. Revealing them is written to the audit log; sensitive fields stay hidden.</p>
      )}
    </Panel>
  );
}

function Json({ title, value, missing }: { title: string; value: unknown; missing: string }) {
  return (
    <div>
      <h3>{title}</h3>
      {value === null || value === undefined ? (
        <p className={styles.soft}>{missing}</p>
      ) : (
        <pre className={styles.json} tabIndex={0}>
          {formatJson(value, 2)}
        </pre>
      )}
    </div>
  );
}
