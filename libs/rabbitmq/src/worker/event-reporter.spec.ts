import { JobEvent, JobEvents } from '@roundhouse/contracts';
import { waitFor } from '@roundhouse/testing';
import { TestRabbit } from '../../e2e/test-rabbit.js';
import { EventReporter } from './event-reporter.js';
import { Publisher } from '../connection/index.js';
import { eventsKey, eventsQueue, exchange } from '../topology/index.js';

function succeeded(jobId: string, bytes = 10): JobEvent {
  return JobEvent.fromPartial({
    jobId,
    attempt: 1,
    event: { $case: 'succeeded', value: { result: Buffer.alloc(bytes, 1) } },
  });
}

describe('EventReporter', () => {
  let rabbit: TestRabbit;
  let reporter: EventReporter;

  beforeAll(async () => {
    rabbit = await TestRabbit.start();
    reporter = new EventReporter(await Publisher.open(await rabbit.connect()), 'w1', rabbit.log);
  });
  afterAll(() => rabbit.stop());

  async function messages(): Promise<JobEvents[]> {
    const all: JobEvents[] = [];
    while ((await rabbit.ready(eventsQueue)) > 0) {
      const { content, properties } = await rabbit.take(eventsQueue);
      expect([properties.type, properties.contentType, properties.deliveryMode]).toEqual([
        'events',
        'application/x-protobuf',
        2,
      ]);
      expect(content.length).toBeLessThanOrEqual(8 * 1024 * 1024);
      all.push(JobEvents.decode(content));
    }
    return all;
  }
  const ids = (all: JobEvents[]) => all.flatMap((m) => m.events.map((e) => e.jobId));

  it('resolves when the broker has the event for good', async () => {
    await reporter.report(succeeded('a'));
    const [message] = await messages();
    expect(message).toMatchObject({
      workerId: 'w1',
      events: [{ jobId: 'a', attempt: 1, event: { $case: 'succeeded' } }],
    });
  });

  it('sends events of about the same time together, in order', async () => {
    const jobs = Array.from({ length: 100 }, (_, i) => `job ${i}`);
    await Promise.all(jobs.map((id) => reporter.report(succeeded(id))));
    const all = await messages();
    expect(all.length).toBeLessThanOrEqual(2);
    expect(ids(all)).toEqual(jobs);
  });

  it('splits a batch above 1 MiB, and sends a larger event alone', async () => {
    const jobs = Array.from({ length: 6 }, (_, i) => `job ${i}`);
    const sizes = [400_000, 400_000, 400_000, 3_000_000, 10, 10];
    await Promise.all(jobs.map((id, i) => reporter.report(succeeded(id, sizes[i]))));
    const all = await messages();
    expect(ids(all).sort()).toEqual(jobs);
    for (const message of all) {
      const size = JobEvents.encode(message).finish().length;
      expect(size <= 1024 * 1024 || message.events.length === 1).toBe(true);
    }
  });

  it.each<[string, JobEvent]>([
    ['is too large for any message', succeeded('bad', 9 * 1024 * 1024)],
    ['cannot be written', { ...succeeded('bad'), at: new Date(NaN) }],
    ['has a wrong shape', { ...succeeded('bad'), attempt: 'one' as unknown as number }],
  ])('rejects an event that %s, and none of its company', async (_what, bad) => {
    const outcomes = await Promise.allSettled([
      reporter.report(succeeded('before')),
      reporter.report(bad),
      reporter.report(succeeded('after')),
    ]);
    expect(outcomes.map((o) => o.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(ids(await messages()).sort()).toEqual(['after', 'before']);
  });

  it('does not give an outcome up because the broker has lost its topology', async () => {
    await rabbit.channel.unbindQueue(eventsQueue, exchange.ledger, eventsKey);
    let reported = false;
    const report = reporter.report(succeeded('kept')).then(() => (reported = true));
    await waitFor(() => rabbit.log.has('events not reported yet'), { describe: 'the first try' });
    expect(reported).toBe(false);
    await rabbit.channel.bindQueue(eventsQueue, exchange.ledger, eventsKey);
    await report;
    expect(ids(await messages())).toEqual(['kept']);
  });

  it('is drained when everything is confirmed', async () => {
    const jobs = Array.from({ length: 300 }, (_, i) => `job ${i}`);
    let confirmed = 0;
    for (const id of jobs) void reporter.report(succeeded(id)).then(() => (confirmed += 1));
    await reporter.drained();
    expect(confirmed).toBe(300);
    expect(ids(await messages())).toHaveLength(300);
  });
});
