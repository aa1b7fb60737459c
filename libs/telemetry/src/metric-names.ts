export type MetricLabel =
  'tenant' | 'kind' | 'queue' | 'group' | 'bucket' | 'decision' | 'outcome' | 'reason' | 'quantile' | 'type' | 'muted';

export interface MetricDefinition {
  /** As it appears on /metrics. */
  name: string;
  type: 'counter' | 'histogram' | 'gauge';
  /** UCUM unit: `s`, `By`, or empty for a count. */
  unit: '' | 's' | 'By';
  description: string;
  labels: readonly MetricLabel[];
  /** Upper bounds of the buckets in the metric's unit; histograms only. */
  buckets?: readonly number[];
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];

/** Every metric in one place; docs/observability.md repeats this table. */
export const metricTable = {
  jobsAccepted: {
    name: 'roundhouse_jobs_accepted_total',
    type: 'counter',
    unit: '',
    description: 'Jobs committed to the ledger, follow-ups and scheduled jobs included',
    labels: ['tenant', 'kind', 'queue'],
  },
  outboxSize: {
    name: 'roundhouse_outbox_size',
    type: 'gauge',
    unit: '',
    description: 'Outbox rows not yet confirmed by the broker',
    labels: [],
  },
  outboxAge: {
    name: 'roundhouse_outbox_oldest_seconds',
    type: 'gauge',
    unit: 's',
    description: 'Age of the oldest outbox row',
    labels: [],
  },
  publishes: {
    name: 'roundhouse_publishes_total',
    type: 'counter',
    unit: '',
    description: 'Messages published, by what became of them: confirmed, refused or unknown',
    labels: ['queue', 'outcome'],
  },
  returns: {
    name: 'roundhouse_publish_returns_total',
    type: 'counter',
    unit: '',
    description: 'Mandatory messages the broker returned because no queue took them',
    labels: ['queue', 'reason'],
  },
  claims: {
    name: 'roundhouse_claims_total',
    type: 'counter',
    unit: '',
    description: 'Claims answered, by decision',
    labels: ['decision', 'kind', 'queue'],
  },
  attempts: {
    name: 'roundhouse_attempts_total',
    type: 'counter',
    unit: '',
    description: 'Attempts finished, by outcome',
    labels: ['tenant', 'kind', 'queue', 'outcome'],
  },
  executionTime: {
    name: 'roundhouse_execution_seconds',
    type: 'histogram',
    unit: 's',
    description: 'Time from the start of the handler to its outcome',
    labels: ['tenant', 'kind', 'queue', 'outcome'],
    buckets: seconds,
  },
  queueLatency: {
    name: 'roundhouse_queue_latency_seconds',
    type: 'histogram',
    unit: 's',
    description: 'Time from when a job became runnable to its grant',
    labels: ['tenant', 'kind', 'queue'],
    buckets: seconds,
  },
  retries: {
    name: 'roundhouse_retries_total',
    type: 'counter',
    unit: '',
    description: 'Failed attempts that will run again',
    labels: ['tenant', 'kind', 'queue', 'reason'],
  },
  dead: {
    name: 'roundhouse_jobs_dead_total',
    type: 'counter',
    unit: '',
    description: 'Jobs that ended dead, by failure code and whether their cause is muted',
    labels: ['tenant', 'kind', 'queue', 'reason', 'muted'],
  },
  meshTime: {
    name: 'roundhouse_mesh_seconds',
    type: 'histogram',
    unit: 's',
    description: 'Time from a mesh request to its stored files, by engine',
    labels: ['type'],
    buckets: seconds,
  },
  meshTriangles: {
    name: 'roundhouse_mesh_triangles',
    type: 'histogram',
    unit: '',
    description: 'Triangles of a mesh, by engine',
    labels: ['type'],
    buckets: [100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000],
  },
  meshFailures: {
    name: 'roundhouse_mesh_failures_total',
    type: 'counter',
    unit: '',
    description: 'Attempts at a mesh that failed, by engine and code',
    labels: ['type', 'reason'],
  },
  failing: {
    name: 'roundhouse_jobs_failing',
    type: 'gauge',
    unit: '',
    description: 'Jobs that failed and wait for their next attempt, by failure code and whether their cause is muted',
    labels: ['kind', 'queue', 'reason', 'muted'],
  },
  backlogAge: {
    name: 'roundhouse_backlog_oldest_seconds',
    type: 'gauge',
    unit: 's',
    description: 'For how long the oldest job of a queue has been waiting for a worker',
    labels: ['queue'],
  },
  brokerMessages: {
    name: 'roundhouse_broker_messages',
    type: 'gauge',
    unit: '',
    description: "Messages that are ready in a queue of the broker's",
    labels: ['queue'],
  },
  brokerConsumers: {
    name: 'roundhouse_broker_consumers',
    type: 'gauge',
    unit: '',
    description: "Consumers of a queue of the broker's",
    labels: ['queue'],
  },
  queueMismatch: {
    name: 'roundhouse_queue_mismatch',
    type: 'gauge',
    unit: '',
    description: '1 when ledger and broker do not agree on a queue, by what they do not agree on',
    labels: ['queue', 'reason'],
  },
  slotsUsed: {
    name: 'roundhouse_slots_used',
    type: 'gauge',
    unit: '',
    description: 'Jobs that hold a slot of a concurrency limit, over all its keys',
    labels: ['group'],
  },
  slotsLimit: {
    name: 'roundhouse_slots_limit',
    type: 'gauge',
    unit: '',
    description: 'Jobs of one key that a concurrency limit lets run at once',
    labels: ['group'],
  },
  slotsWaiting: {
    name: 'roundhouse_slots_waiting',
    type: 'gauge',
    unit: '',
    description: 'Jobs that wait for a slot of a concurrency limit, counted up to 100000',
    labels: ['group'],
  },
  rateTokens: {
    name: 'roundhouse_rate_tokens',
    type: 'gauge',
    unit: '',
    description: 'Tokens of a rate bucket that nobody has used or set aside',
    labels: ['bucket', 'tenant'],
  },
  scheduleOverdue: {
    name: 'roundhouse_schedule_overdue_seconds',
    type: 'gauge',
    unit: 's',
    description: 'For how long the most overdue schedule should have fired',
    labels: [],
  },
  firings: {
    name: 'roundhouse_schedule_firings_total',
    type: 'counter',
    unit: '',
    description: 'Fire times of schedules, by what became of them: fired or skipped, with the reason',
    labels: ['tenant', 'outcome', 'reason'],
  },
  workerSlots: {
    name: 'roundhouse_worker_slots',
    type: 'gauge',
    unit: '',
    description: 'Jobs that this worker runs now (used) and may run at once (total)',
    labels: ['type'],
  },
  sseSubscribers: {
    name: 'roundhouse_sse_subscribers',
    type: 'gauge',
    unit: '',
    description: 'Open event streams of this process',
    labels: ['type'],
  },
  eventLoopLag: {
    name: 'roundhouse_event_loop_lag_seconds',
    type: 'gauge',
    unit: 's',
    description: 'Delay of the event loop since the last reading',
    labels: ['quantile'],
  },
  processMemory: {
    name: 'roundhouse_process_memory_bytes',
    type: 'gauge',
    unit: 'By',
    description: 'Memory of this process: rss, heap_used, heap_total, external',
    labels: ['type'],
  },
} as const satisfies Record<string, MetricDefinition>;

type Table = typeof metricTable;
type OfType<T extends MetricDefinition['type']> = {
  [M in keyof Table]: Table[M]['type'] extends T ? M : never;
}[keyof Table];

export type CounterName = OfType<'counter'>;
export type HistogramName = OfType<'histogram'>;
export type GaugeName = OfType<'gauge'>;
export type MetricName = keyof Table;
/** The labels a metric takes; all optional, an absent one is left out of the series. */
export type LabelsOf<M extends MetricName> = Partial<Record<Table[M]['labels'][number], string>>;
