import { waitFor } from '@roundhouse/testing';
import type { Client } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

const diagnosticsToken = 'a-token-of-at-least-24-characters';
let platform: Platform;
let acme: Client;
beforeAll(async () => {
  platform = await startPlatform({ env: { ROUNDHOUSE_DIAGNOSTICS_TOKEN: diagnosticsToken } });
  acme = await platform.clientWith('admin');
});
afterAll(() => platform?.stop());

/** The value of a series: `roundhouse_slots_used{group="g"}`. */
async function valueOf(service: string, series: string): Promise<number> {
  const line = (await platform.metricsOf(service)).split('\n').find((l) => l.startsWith(`${series} `));
  if (line === undefined) throw new Error(`${service} has no ${series}`);
  return Number(line.slice(series.length + 1));
}

const reaches = (service: string, series: string, wanted: (value: number) => boolean) =>
  waitFor(
    async () => {
      const value = await valueOf(service, series);
      if (!wanted(value)) throw new Error(`${series} is ${value}`);
      return true;
    },
    { intervalMs: 50, describe: series },
  );

it('every process tells its memory and the lag of its event loop', async () => {
  for (const name of platform.processes.keys()) {
    expect(await valueOf(name, 'roundhouse_process_memory_bytes{type="rss"}')).toBeGreaterThan(1e6);
    expect(await valueOf(name, 'roundhouse_event_loop_lag_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0);
  }
});

it('an attempt, its latency and its time are counted by tenant and kind', async () => {
  await acme.finished(await acme.submit('platform.noop', { text: 'x' }));
  const labels = 'tenant="acme",kind="platform.noop",queue="default"';
  await reaches('gateway', `roundhouse_jobs_accepted_total{${labels}}`, (n) => n >= 1);
  await reaches('gateway', `roundhouse_queue_latency_seconds_count{${labels}}`, (n) => n >= 1);
  await reaches('probe', `roundhouse_attempts_total{${labels},outcome="succeeded"}`, (n) => n >= 1);
  await reaches('probe', `roundhouse_execution_seconds_count{${labels},outcome="succeeded"}`, (n) => n >= 1);
});

it('a limit tells its slots and who waits for them, a worker what it runs', async () => {
  const limited = { key: 'k', work: '120s' };
  const ids = await Promise.all(
    [1, 2, 3, 4].map(() => acme.submit('platform.probe_exclusive', limited).catch(() => '')),
  );
  const used = 'roundhouse_slots_used{group="probe_exclusive"}';
  await reaches('gateway', used, (n) => n === 1);
  expect(await valueOf('gateway', 'roundhouse_slots_limit{group="probe_exclusive"}')).toBe(1);
  await reaches('probe', 'roundhouse_worker_slots{type="used"}', (n) => n >= 1);
  expect(await valueOf('probe', 'roundhouse_worker_slots{type="total"}')).toBe(100);
  for (const id of ids.filter(Boolean)) await acme.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  await reaches('gateway', used, (n) => n === 0);
});

it('a bucket tells its tokens', async () => {
  await acme.finished(await acme.submit('platform.probe_rated', { text: 'x' }));
  await reaches('gateway', 'roundhouse_rate_tokens{bucket="probe_provider",tenant="acme"}', (n) => n >= 0 && n <= 5);
});

it('a schedule that nobody fires is overdue; one that is fired is counted', async () => {
  const schedule = { name: 'often', cron: '* * * * *', time_zone: 'UTC', kind: 'platform.noop', payload: {} };
  const { body } = await acme.send('/v1/schedules', { method: 'POST', body: schedule });
  await platform.service('scheduler').kill();
  await platform.ledger.query(`update ledger.schedules set next_fire_at = now() - interval '90 s' where id = $1`, [
    body.id,
  ]);
  await reaches('gateway', 'roundhouse_schedule_overdue_seconds', (n) => n > 80);
  await platform.launch('scheduler');
  await reaches('gateway', 'roundhouse_schedule_overdue_seconds', (n) => n === 0);
  await reaches('scheduler', 'roundhouse_schedule_firings_total{tenant="acme",outcome="fired"}', (n) => n >= 1);
});

it('a queue that nobody consumes is seen, and how long its jobs have been waiting', async () => {
  const consumers = 'roundhouse_broker_consumers{queue="probes"}';
  await reaches('gateway', consumers, (n) => n === 1);
  await platform.service('probe').kill();
  await reaches('gateway', consumers, (n) => n === 0);
  await acme.probe({ text: 'waits' });
  await reaches('gateway', 'roundhouse_broker_messages{queue="probes"}', (n) => n === 1);
  await reaches('gateway', 'roundhouse_backlog_oldest_seconds{queue="probes"}', (n) => n > 1);
  await reaches('gateway', 'roundhouse_queue_mismatch{queue="probes",reason="unconsumed"}', (n) => n === 1);
  const shown = async () => {
    const { queues } = (await acme.send('/v1/console/overview')).body as { queues: { queue: string }[] };
    return queues.find(({ queue }) => queue === 'probes');
  };
  // Looked at less often than the gauges are.
  await waitFor(
    async () => {
      const probes = { queued: 1, more: false, consumed: false, at_broker: null, mismatch: 'nobody consumes it' };
      expect(await shown()).toMatchObject(probes);
      return true;
    },
    { describe: 'the overview to show it' },
  );
  await platform.launch('probe');
  await reaches('gateway', 'roundhouse_queue_mismatch{queue="probes",reason="unconsumed"}', (n) => n === 0);
  await reaches('gateway', 'roundhouse_backlog_oldest_seconds{queue="probes"}', (n) => n === 0);
});

describe('diagnostics of a gateway', () => {
  it('are for operators', async () => {
    expect(await acme.send('/v1/diagnostics/heap-snapshot', { method: 'POST' })).toMatchObject({ status: 403 });
    const operator = await platform.clientOf('operator', 'jobs:write');
    expect(await operator.send('/v1/diagnostics/cpu-profile', { method: 'POST' })).toMatchObject({ status: 403 });
  });

  it('profile and snapshot, and say who asked', async () => {
    const operator = await platform.clientOf('operator', 'admin');
    const profile = await operator.send('/v1/diagnostics/cpu-profile?seconds=1', { method: 'POST' });
    expect(profile).toMatchObject({ status: 200, body: { nodes: expect.any(Array) } });
    expect(profile.headers.get('content-disposition')).toMatch(/\.cpuprofile"$/);
    expect(await operator.send('/v1/diagnostics/cpu-profile?seconds=61', { method: 'POST' })).toMatchObject({
      status: 400,
    });
    const snapshot = await operator.send('/v1/diagnostics/heap-snapshot', { method: 'POST' });
    expect(snapshot.status).toBe(200);
    expect(snapshot.body.snapshot.node_count).toBeGreaterThan(1000);
    const { body } = await operator.send('/v1/audit');
    expect(body.entries.map(({ action }: { action: string }) => action)).toEqual(
      expect.arrayContaining(['diagnostics.cpu_profile', 'diagnostics.heap_snapshot']),
    );
  });
});

it('a worker gives a snapshot of its heap to whoever has the token', async () => {
  const ask = (token: string) =>
    fetch(`${platform.service('probe').url}/debug/heap-snapshot`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
  expect((await ask('wrong')).status).toBe(403);
  const response = await ask(diagnosticsToken);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-disposition')).toMatch(/\.heapsnapshot"$/);
  const text = await response.text();
  expect(text.slice(0, 20)).toContain('{"snapshot"');
  expect(text.trimEnd().endsWith('}')).toBe(true);
});
