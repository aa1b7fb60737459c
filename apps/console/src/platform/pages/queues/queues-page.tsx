import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, type Answer } from '../../api/index.js';
import { Age, Button, Loading, Page, Panel, PlainTable, ProblemNotice, useAnnounce } from '../../components/index.js';
import { formatCapped, formatCount, formatDuration } from '../../formats/index.js';
import { useLive } from '../../live/index.js';
import { useUrlState } from '../../navigation/index.js';
import { useSession } from '../../session/index.js';
import { PauseDialog } from './pause-dialog.js';
import { useOverview } from '../../overview/index.js';

type Depths = Answer<'/v1/console/queues', 'get'>;
type Pauses = Answer<'/v1/pauses', 'get'>;

/** Will it drain? The ledger's figures beside the broker's. */
export default function QueuesPage() {
  const queries = useQueryClient();
  const [{ queue: only }] = useUrlState();
  const { allows } = useSession();
  const [pausing, setPausing] = useState<string>();
  const overview = useOverview();
  const depths = useQuery({
    queryKey: ['queue-depths'],
    queryFn: ({ signal }) => api.get<Depths>('/v1/console/queues', { signal }),
  });
  const pauses = useQuery({
    queryKey: ['pauses'],
    queryFn: ({ signal }) => api.get<Pauses>('/v1/pauses', { signal }),
  });
  // With the figures of the overview, which come every five seconds.
  useLive('stats', () => void queries.invalidateQueries({ queryKey: ['queue-depths'] }));
  const { data } = depths;
  const paused = new Map(
    pauses.data?.pauses.filter(({ scope }) => scope === 'queue').map((pause) => [pause.value, pause]),
  );
  const own = new Map(overview.data?.queues.map((queue) => [queue.queue, queue]));
  const shown = data?.queues.filter(({ queue }) => !only || queue === only) ?? [];
  return (
    <Page title="Queues" summary={only && <Link to="/queues">Show every queue</Link>}>
      <ProblemNotice error={depths.error ?? pauses.error} />
      {!data && !depths.error && <Loading label="Loading the queues" />}
      {data && (
        <Panel>
          <PlainTable
            label="Queues"
            columns={[
              'Queue',
              '#In the ledger',
              ...(data.all_tenants ? ['#In the outbox', '#At the broker', '#Consumers'] : ['Workers']),
              '#Weight',
              'Waiting since',
              'Empty in',
              'Remarks',
            ]}
            rows={shown.map((depth) => ({
              key: depth.queue,
              cells: [
                <Link to={`/jobs?q=queue:${depth.queue}+state:active` as string}>{depth.queue}</Link>,
                formatCapped(depth.queued, data.cap),
                ...(data.all_tenants ? shared(depth, data.cap) : [depth.consumed ? 'listening' : 'none']),
                formatCount(depth.weight),
                <Age at={own.get(depth.queue)?.oldest} />,
                drain(own.get(depth.queue)?.drain_ms),
                <>
                  {depth.mismatch && <strong>{depth.mismatch} </strong>}
                  <PauseState
                    pause={paused.get(depth.queue)}
                    onPause={allows('admin') ? () => setPausing(depth.queue) : undefined}
                  />
                </>,
              ],
            }))}
          />
          <p>
            {data.all_tenants && 'Ledger and broker: the jobs of all tenants. '}Weight: the share of a worker while
            several queues have work.
          </p>
        </Panel>
      )}
      {pausing && <PauseDialog queue={pausing} onClose={() => setPausing(undefined)} />}
    </Page>
  );
}

/** What ledger and broker have of all tenants. */
const shared = ({ in_outbox: inOutbox, at_broker: atBroker, consumers }: Depths['queues'][number], cap: number) => [
  inOutbox === null ? '–' : formatCapped(inOutbox, cap),
  atBroker === null ? '–' : formatCount(atBroker),
  consumers === null ? '–' : formatCount(consumers),
];

/** What is empty already needs no time. */
const drain = (ms: number | null | undefined): string => (ms ? formatDuration(ms) : '–');

function PauseState({ pause, onPause }: { pause: Pauses['pauses'][number] | undefined; onPause?: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const resume = useMutation({
    mutationFn: (queue: string) => api.delete(`/v1/pauses/queue/${encodeURIComponent(queue)}`),
    onSuccess: (_, queue) => announce(`The queue ${queue} is resumed`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['pauses'] }),
  });
  if (!pause) return onPause ? <Button onClick={onPause}>Pause</Button> : null;
  return (
    <>
      paused <Age at={pause.paused_at} /> by {pause.paused_by}: {pause.reason}{' '}
      {onPause && (
        <Button disabled={resume.isPending} onClick={() => resume.mutate(pause.value)}>
          Resume
        </Button>
      )}
      <ProblemNotice error={resume.error} />
    </>
  );
}
