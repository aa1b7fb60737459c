import { Link } from '@tanstack/react-router';
import {
  Age,
  Empty,
  Loading,
  Page,
  Panel,
  PlainTable,
  ProblemNotice,
  Tile,
  Tiles,
  useNow,
} from '../../components/index.js';
import { formatCapped, formatCount, formatDuration, formatNumber, formatShare } from '../../formats/index.js';
import { useSections } from '../../navigation/index.js';
import { overviewStaleMs, useOverview, WorkerTable, type Overview } from '../../overview/index.js';
import { Charts } from './charts.js';
import { QueueTable } from './queue-table.js';

export default function NowPage() {
  const { data, error } = useOverview();
  return (
    <Page title="Overview" summary={data && <Freshness at={data.at} />}>
      <ProblemNotice error={error} />
      {data ? <Content overview={data} /> : !error && <Loading label="Loading the overview" rows={8} />}
    </Page>
  );
}

function Freshness({ at }: { at: string }) {
  const old = useNow() - Date.parse(at) > overviewStaleMs;
  return old ? (
    <strong>
      These figures are old: <Age at={at} />
    </strong>
  ) : (
    <>Every five seconds, the last hour unless it says otherwise.</>
  );
}

function Content({ overview }: { overview: Overview }) {
  return (
    <>
      <Summary overview={overview} />
      <Charts overview={overview} />
      <Panel title="Queues">
        <QueueTable {...overview} />
      </Panel>
      <Kinds kinds={overview.kinds} />
      {overview.all_tenants && (
        <Panel title="Workers">
          <WorkerTable workers={overview.workers} />
        </Panel>
      )}
      <Limits overview={overview} />
    </>
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function Summary({ overview }: { overview: Overview }) {
  const { hour, queues, workers, cap } = overview;
  const ended = sum(hour.succeeded) + sum(hour.dead);
  // Four whole minutes and what there is of the present one.
  const seconds = (Date.parse(overview.at) - hour.from) / 1_000 - (hour.succeeded.length - 5) * 60;
  const perSecond = (sum(hour.succeeded.slice(-5)) + sum(hour.dead.slice(-5))) / seconds;
  const hosts = new Set(workers.map(({ host }) => host)).size;
  const waiting = sum(queues.map(({ queued }) => queued));
  const oldest = queues
    .filter(({ oldest: at }) => at)
    .sort((a, b) => String(a.oldest).localeCompare(String(b.oldest)))[0];
  const muted = sum(hour.muted);
  const alarming = sum(hour.dead) - muted;
  const share = ended > 0 ? alarming / ended : 0;
  const disagreeing = queues.filter(({ mismatch }) => mismatch !== null);
  const more = queues.some((queue) => queue.more);
  const unheard = queues.filter(({ queued, consumed }) => queued > 0 && !consumed);
  return (
    <Tiles>
      <Tile
        label="Throughput, last 5 min"
        value={`${formatNumber(perSecond)} /s`}
        detail={`${formatCount(ended)} ended in the hour`}
      />
      <Tile
        label="Died in the hour"
        value={formatCount(sum(hour.dead))}
        detail={`${formatShare(share)} of what ended${muted > 0 ? `, without ${formatCount(muted)} muted` : ''}; ${formatCount(sum(hour.failed))} attempts failed`}
        tone={share > 0.05 ? 'bad' : alarming > 0 ? 'warn' : undefined}
        to="/jobs?q=state:failed+after:1h"
      />
      <Tile
        label="Waiting for a worker"
        value={more ? `${formatCount(waiting)}+` : formatCount(waiting)}
        detail={
          unheard.length > 0
            ? `nobody listens on ${unheard.map(({ queue }) => queue).join(', ')}`
            : disagreeing.length > 0
              ? `ledger and broker do not agree on ${disagreeing.map(({ queue }) => queue).join(', ')}`
              : oldest && (
                  <>
                    longest since <Age at={oldest.oldest} />
                  </>
                )
        }
        tone={unheard.length > 0 ? 'bad' : disagreeing.length > 0 ? 'warn' : undefined}
        to={disagreeing.length > 0 ? '/queues' : '/jobs?q=state:queued'}
      />
      <Tile
        label="Running"
        value={formatCapped(sum(queues.map(({ running }) => running)), cap)}
        to="/jobs?q=state:running"
      />
      <Tile
        label="Held back"
        value={formatCapped(sum(queues.map(({ blocked }) => blocked)), cap)}
        detail="by slots, rates, pauses or other jobs"
        to="/jobs?q=state:blocked"
      />
      {overview.all_tenants && (
        <Tile
          label="Workers"
          value={formatCount(workers.length)}
          detail={hosts === 1 ? 'on one host' : `on ${hosts} hosts`}
          tone={workers.length === 0 ? 'bad' : undefined}
        />
      )}
    </Tiles>
  );
}

const latency = (ms: number | null): string => (ms === null ? '–' : formatDuration(ms));

function Kinds({ kinds }: { kinds: Overview['kinds'] }) {
  const demos = useSections().flatMap(({ demo }) => demo ?? []);
  if (kinds.length === 0)
    return (
      <Panel title="Kinds of jobs">
        <Empty title="Nothing ran in the last hour">
          {demos.map(({ command, does }) => (
            <p key={command}>
              <code>{command}</code> {does}.
            </p>
          ))}
        </Empty>
      </Panel>
    );
  return (
    <Panel title="Kinds of jobs">
      <PlainTable
        label="Kinds of jobs in the last hour"
        columns={[
          'Kind',
          '#Started',
          '#Succeeded',
          '#Failed attempts',
          '#Died',
          '#Wait p50',
          '#Wait p95',
          '#Run p50',
          '#Run p95',
        ]}
        rows={kinds.map((kind) => ({
          key: kind.kind,
          cells: [
            <Link to={`/jobs?q=kind:${kind.kind}+after:1h` as string}>{kind.kind}</Link>,
            formatCount(kind.started),
            formatCount(kind.succeeded),
            formatCount(kind.failed),
            kind.dead > 0 ? (
              <Link to={`/jobs?q=state:failed+kind:${kind.kind}+after:1h` as string}>{formatCount(kind.dead)}</Link>
            ) : (
              '0'
            ),
            latency(kind.wait_p50),
            latency(kind.wait_p95),
            latency(kind.run_p50),
            latency(kind.run_p95),
          ],
        }))}
      />
    </Panel>
  );
}

function Limits({ overview: { buckets, slots } }: { overview: Overview }) {
  if (buckets.length + slots.length === 0) return null;
  return (
    <Panel title="Slots and rates">
      {slots.length > 0 && (
        <PlainTable
          label="Slots"
          columns={['Limit', '#In use', '#Of', '#Waiting']}
          rows={slots.map(({ name, running, limit, waiting }) => ({
            key: name,
            cells: [name, formatCount(running), limit === null ? '–' : formatCount(limit), formatCount(waiting)],
          }))}
        />
      )}
      {buckets.length > 0 && (
        <PlainTable
          label="Rate buckets"
          columns={['Bucket', '#Tokens', '#Of', '#Per second', '#Waiting', 'Silent until']}
          rows={buckets.map((bucket) => ({
            key: bucket.name,
            cells: [
              bucket.name,
              formatCount(bucket.tokens),
              formatCount(bucket.burst),
              formatNumber(bucket.per_second),
              formatCapped(bucket.waiting, 10_000),
              <Age at={bucket.paused_until} />,
            ],
          }))}
        />
      )}
    </Panel>
  );
}
