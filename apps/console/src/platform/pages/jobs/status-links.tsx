import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, type Answer } from '../../api/index.js';
import { Age, Button, Loading, ProblemNotice, Time, useAnnounce, useNow } from '../../components/index.js';
import styles from './job-dialogs.module.css';

type Links = Answer<'/v1/jobs/{id}/status-links', 'get'>;

export const statusLinksKey = (jobId: string) => ['status-links', jobId];

/** The links of a job that open something now. */
export function StatusLinks({ jobId }: { jobId: string }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const now = useNow();
  const path = `/v1/jobs/${jobId}/status-links`;
  const links = useQuery({
    queryKey: statusLinksKey(jobId),
    queryFn: ({ signal }) => api.get<Links>(path, { signal }),
  });
  const revoke = useMutation({
    mutationFn: (id: string) => api.delete(`${path}/${id}`),
    onSuccess: () => announce('The link is taken back'),
    onSettled: () => queries.invalidateQueries({ queryKey: statusLinksKey(jobId) }),
  });
  const live = links.data?.links.filter((link) => !link.revoked_at && Date.parse(link.expires_at) > now);
  return (
    <section aria-label="Links that work">
      <h3>Links that work</h3>
      <ProblemNotice error={links.error ?? revoke.error} />
      {links.isPending && <Loading label="Loading the links" rows={1} />}
      {live?.length === 0 && <p className={styles.soft}>None.</p>}
      <ul className={styles.links}>
        {live?.map((link) => (
          <li key={link.id}>
            <span>
              Until <Time at={link.expires_at} />
              {link.may_cancel && ', may cancel'}{' '}
              <span className={styles.soft}>
                made <Age at={link.created_at} /> by {link.created_by}
              </span>
            </span>
            <Button
              variant="danger"
              aria-label={`Take back the link made by ${link.created_by}`}
              disabled={revoke.isPending}
              onClick={() => revoke.mutate(link.id)}
            >
              Take back
            </Button>
          </li>
        ))}
      </ul>
      {live && live.length > 0 && (
        <p className={styles.soft}>A link that is taken back stays so; pages that are open close within seconds.</p>
      )}
    </section>
  );
}
