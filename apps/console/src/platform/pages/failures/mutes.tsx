import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, type Answer } from '../../api/index.js';
import { Age, Button, Panel, PlainTable, ProblemNotice, Time } from '../../components/index.js';
import { useSession } from '../../session/index.js';
import { useMark } from './mark-actions.js';

type Mute = Answer<'/v1/dead/mutes', 'get'>['mutes'][number];

/** What is muted, or this one cause if it is: also when no job is dead of it, which is when no other page shows it. */
export function Mutes({ fingerprint }: { fingerprint?: string }) {
  const { allows } = useSession();
  const { data, error } = useQuery({
    queryKey: ['failures', 'mutes'],
    queryFn: ({ signal }) => api.get<Answer<'/v1/dead/mutes', 'get'>>('/v1/dead/mutes', { signal }),
  });
  const mutes = data?.mutes.filter((mute) => fingerprint === undefined || mute.fingerprint === fingerprint) ?? [];
  if (error) return <ProblemNotice error={error} />;
  if (mutes.length === 0) return null;
  const actions = allows('dead:redrive') ? ['Action'] : [];
  return (
    <Panel title="Muted">
      <p>Jobs that die of these raise no alarm.</p>
      <PlainTable
        label="Muted causes"
        columns={['Cause', 'Reason', 'By', 'Since', 'Until', ...actions]}
        rows={mutes.map((mute) => ({
          key: mute.fingerprint,
          cells: [
            <Link to={`/failures/${mute.fingerprint}` as string}>{causeOf(mute)}</Link>,
            mute.reason,
            mute.by,
            <Age at={mute.at} />,
            mute.until ? <Time at={mute.until} /> : 'somebody ends it',
            ...actions.map(() => <Unmute mute={mute} />),
          ],
        }))}
      />
    </Panel>
  );
}

const causeOf = ({ code, kind, fingerprint }: Mute): string => (kind ? `${code ?? 'Failure'} in ${kind}` : fingerprint);

function Unmute({ mute }: { mute: Mute }) {
  const end = useMark(mute.fingerprint, () => undefined);
  return (
    <>
      <Button disabled={end.isPending} onClick={() => end.mutate({ mark: 'mute' })}>
        Unmute <span className="visually-hidden">{causeOf(mute)}</span>
      </Button>
      <ProblemNotice error={end.error} />
    </>
  );
}
