import { NoopResult } from '@roundhouse/contracts';
import type { Handler, JobContext } from '@roundhouse/jobs';
import { TcpProxy, waitFor } from '@roundhouse/testing';
import { MemoryLedger, tokenOf } from '../../e2e/memory-ledger.js';
import { dispatch, testJob } from '../../e2e/test-job.js';
import { TestRabbit } from '../../e2e/test-rabbit.js';
import { ControlBroadcaster } from '../ledger-side/index.js';
import type { LedgerServer } from '../ledger-side/index.js';
import { jobQueue, quarantineQueue, TopologyMismatch, waitQueue } from '../topology/index.js';
import { WorkerSession, type WorkerOptions } from './worker-session.js';

const queue = jobQueue('default');
const ok = NoopResult.fromPartial({});

describe('WorkerSession', () => {
  let rabbit: TestRabbit;
  let ledger: MemoryLedger;
  let server: LedgerServer;
  let proxy: TcpProxy;
  const sessions: WorkerSession[] = [];

  beforeAll(async () => {
    rabbit = await TestRabbit.start();
    [ledger, server] = await MemoryLedger.start(rabbit);
    proxy = await TcpProxy.before(rabbit.url);
  });
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((s) => s.stop()));
    await rabbit.channel.purgeQueue(queue);
  });
  afterAll(async () => {
    await server.stop();
    await rabbit.stop();
    await proxy.stop();
  });

  async function start(handler: Handler, options: Partial<WorkerOptions> = {}): Promise<WorkerSession> {
    const session = await WorkerSession.start(
      { amqpUrl: rabbit.url, service: 'tester', version: '1.0.0', log: rabbit.log, finishMs: 5_000, ...options },
      new Map([['platform.noop', handler]]),
      ['default'],
    );
    sessions.push(session);
    return session;
  }

  /** A handler that runs until it is told to stop, and the contexts of its runs. */
  function obedient() {
    const runs: JobContext[] = [];
    const handler: Handler = (_request, context) => {
      runs.push(context);
      return new Promise((_resolve, reject) =>
        context.signal.addEventListener('abort', () => reject(context.signal.reason as Error)),
      );
    };
    const running = (n = 1) => waitFor(() => runs.length === n, { describe: `${n} runs` });
    return { handler, runs, running };
  }

  const told = (jobId: string, ...events: string[]) =>
    waitFor(() => ledger.told(jobId).length >= events.length, { describe: events.join() }).then(() =>
      expect(ledger.told(jobId)).toEqual(events),
    );

  it('runs a job and reports it, delivery after delivery', async () => {
    const session = await start(async () => ok);
    expect(session.ready).toBe(true);
    const jobs = Array.from({ length: 50 }, () => dispatch(rabbit.channel, testJob()));
    for (const id of jobs) await told(id, 'succeeded 1');
    await session.stop();
    expect(session.ready).toBe(false);
    expect(await rabbit.ready(queue)).toBe(0);
  });

  it('introduces itself at start', async () => {
    const session = await start(async () => ok);
    await waitFor(() => ledger.beats.find((b) => b.workerId === session.workerId), { describe: 'the first beat' });
    const beat = ledger.beats.find((b) => b.workerId === session.workerId);
    expect(beat).toMatchObject({
      service: 'tester',
      version: '1.0.0',
      pid: process.pid,
      queues: ['default'],
      running: [],
    });
  });

  it('stops a job that is cancelled by broadcast, and that very attempt only', async () => {
    const { handler, running } = obedient();
    await start(handler);
    const jobId = dispatch(rabbit.channel, testJob());
    await running();
    const control = new ControlBroadcaster(await (await rabbit.connect()).openChannel(() => undefined));
    control.send({ $case: 'cancel', value: { jobId, attempt: 7 } });
    control.send({ $case: 'cancel', value: { jobId: 'another', attempt: 1 } });
    rabbit.channel.publish('control', '', Buffer.from([0x0a, 0xff])); // unreadable: ignored
    control.send({ $case: 'cancel', value: { jobId, attempt: 1 } });
    await told(jobId, 'cancelled 1');
  });

  it('passes a log level on that is meant for its service', async () => {
    const levels: string[] = [];
    await start(async () => ok, { onLogLevel: (level) => void levels.push(level) });
    const control = new ControlBroadcaster(await (await rabbit.connect()).openChannel(() => undefined));
    for (const service of ['other', 'tester', ''])
      control.send({ $case: 'setLogLevel', value: { level: `for ${service}`, service } });
    await waitFor(() => levels.length === 2, { describe: 'both levels' });
    expect(levels).toEqual(['for tester', 'for ']);
  });

  it('asserts what it runs, and stops what is revoked by the answer', async () => {
    const { handler, running } = obedient();
    const session = await start(handler, { heartbeatMs: 50 });
    const [cancelled, superseded] = [testJob(), testJob()].map((job) => dispatch(rabbit.channel, job));
    await running(2);
    const asserted = () => ledger.beats.findLast((b) => b.workerId === session.workerId && b.running.length === 2);
    await waitFor(asserted, { describe: 'a beat with both attempts' });
    for (const { jobId, attempt, token } of asserted()?.running ?? []) expect(token).toEqual(tokenOf(jobId, attempt));
    ledger.revoked.push({ jobId: cancelled!, attempt: 1, reason: 1 }, { jobId: superseded!, attempt: 1, reason: 2 });
    await told(cancelled!, 'cancelled 1');
    await waitFor(() => ledger.beats.at(-1)!.running.length === 0, { describe: 'both to have stopped' });
    expect(ledger.told(superseded!)).toEqual([]);
  });

  it('lets running jobs finish when it stops', async () => {
    let finish: (() => void) | undefined;
    const session = await start(() => new Promise((resolve) => (finish = () => resolve(ok))));
    const jobId = dispatch(rabbit.channel, testJob());
    await waitFor(() => finish, { describe: 'the run' });
    const stopped = session.stop();
    const next = dispatch(rabbit.channel, testJob());
    await waitFor(async () => (await rabbit.ready(queue)) === 1, { describe: 'the next one to stay in the queue' });
    finish!();
    await stopped;
    await told(jobId, 'succeeded 1');
    expect(ledger.told(next)).toEqual([]);
    expect(await rabbit.ready(queue)).toBe(1);
  });

  it('hands back what does not finish in time, deaf handlers too, and leaves nothing unsettled', async () => {
    const { handler, running } = obedient();
    const deaf: Handler = () => new Promise(() => undefined);
    let runs = 0;
    const session = await start((request, context) => (runs++ === 0 ? handler : deaf)(request, context), {
      finishMs: 50,
    });
    const first = dispatch(rabbit.channel, testJob());
    await running();
    const second = dispatch(rabbit.channel, testJob());
    await waitFor(() => runs === 2, { describe: 'the second run' });
    await session.stop();
    await told(first, 'released 1');
    await told(second, 'released 1');
    expect(await rabbit.ready(queue)).toBe(0);
  });

  it('hands a job back unstarted whose claim is answered only while it stops', async () => {
    const { handler, runs } = obedient();
    const session = await start(handler);
    let answer!: () => void;
    ledger.patience = new Promise((resolve) => (answer = resolve));
    const jobId = dispatch(rabbit.channel, testJob());
    await waitFor(async () => (await rabbit.ready(queue)) === 0, { describe: 'the delivery to be taken' });
    const stopped = session.stop();
    const { running } = session as unknown as { running: { handingBack: boolean } };
    await waitFor(() => running.handingBack, { describe: 'the time to finish to be over' });
    answer();
    await stopped;
    expect(runs).toHaveLength(0);
    await told(jobId, 'released 1');
    expect(await rabbit.ready(queue)).toBe(0);
  });

  it('gives a delivery back whose claim nobody answers, and stops all the same', async () => {
    const session = await start(obedient().handler);
    let answer!: () => void;
    ledger.patience = new Promise((resolve) => (answer = resolve));
    dispatch(rabbit.channel, testJob());
    await waitFor(async () => (await rabbit.ready(queue)) === 0, { describe: 'the delivery to be taken' });
    await session.stop();
    answer();
    ledger.patience = Promise.resolve();
    await waitFor(async () => (await rabbit.ready(queue)) === 1, { describe: 'the delivery to be back' });
  });

  it('goes on through a cut connection: the job is asserted at once, runs on, and runs once', async () => {
    let finish: (() => void) | undefined;
    let runs = 0;
    const session = await start(() => ((runs += 1), new Promise((resolve) => (finish = () => resolve(ok)))), {
      amqpUrl: proxy.through(rabbit.url),
      heartbeatMs: 60_000,
    });
    const jobId = dispatch(rabbit.channel, testJob());
    await waitFor(() => finish, { describe: 'the run' });
    const asserted = () => ledger.beats.filter((b) => b.workerId === session.workerId && b.running.length === 1).length;
    expect(asserted()).toBe(0);
    proxy.cut();
    await waitFor(() => !session.ready, { describe: 'the loss' });
    await waitFor(() => asserted() >= 1, { describe: 'the assertion after the reconnect' });
    await waitFor(() => session.ready, { describe: 'the worker to be ready' });
    finish!();
    await told(jobId, 'succeeded 1');
    await session.stop();
    expect([runs, await rabbit.ready(queue)]).toEqual([1, 0]);
  });

  it('reports an outcome that fell into a cut, later', async () => {
    await start(
      async () => {
        proxy.refuse();
        setTimeout(() => proxy.heal(), 300);
        return ok;
      },
      { amqpUrl: proxy.through(rabbit.url) },
    );
    const jobId = dispatch(rabbit.channel, testJob());
    await waitFor(() => ledger.finished(jobId), { describe: 'the outcome' });
  });

  it('runs a job that comes through a wait queue after its time', async () => {
    await start(async () => ok);
    const start_ = performance.now();
    const jobId = dispatch(rabbit.channel, testJob(), {}, 5_000);
    await waitFor(async () => (await rabbit.ready(waitQueue(5_000))) === 1, { describe: 'it to wait' });
    await told(jobId, 'succeeded 1');
    expect(performance.now() - start_).toBeGreaterThan(4_990);
  });

  it('does not start without its queues, and leaves no connection behind', async () => {
    const connections = async () =>
      (await rabbit.broker.manage<unknown[]>('GET', '/vhosts/{vhost}/connections')).length;
    const missing = WorkerSession.start(
      { amqpUrl: proxy.through(rabbit.url), service: 'tester', version: '1', log: rabbit.log },
      new Map(),
      ['nowhere'],
    );
    await expect(missing).rejects.toThrow(TopologyMismatch);
    await waitFor(() => proxy.connections === 0, { describe: 'its connections to be closed' });
    expect(await connections()).toBeGreaterThan(0); // those of the test itself
  });

  it('leaves a kind it has no handler for, or only an older one, to a newer worker', async () => {
    const runs: string[] = [];
    await start(async (_request, { jobId }) => (runs.push(jobId), ok));
    const strange = testJob({ kind: 'platform.probe' });
    const newer = testJob({ version: 99 });
    for (const { jobId } of [strange, newer]) ledger.unsupported.add(jobId);
    for (const job of [strange, newer]) dispatch(rabbit.channel, job);
    const known = dispatch(rabbit.channel, testJob());
    await told(known, 'succeeded 1');
    await waitFor(async () => (await rabbit.ready(queue)) === 0, { describe: 'an empty queue' });
    expect(runs).toEqual([known]);
    expect(await rabbit.ready(quarantineQueue)).toBe(0);
  });

  it('gives a slot to each queue in its turn, and no more jobs than it has slots', async () => {
    let now = 0;
    let most = 0;
    await start(
      async () => {
        most = Math.max(most, (now += 1));
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        return ok;
      },
      { prefetch: 3 },
    );
    const jobs = Array.from({ length: 30 }, () => dispatch(rabbit.channel, testJob()));
    for (const id of jobs) await told(id, 'succeeded 1');
    expect(most).toBeLessThanOrEqual(3);
  });

  it('runs a suspect with nobody beside it, and the others before and after', async () => {
    let now = 0;
    const beside = new Map<string, number>();
    let most = 0;
    const handler: Handler = async (_request, { jobId }) => {
      most = Math.max(most, (now += 1));
      const seen = () => beside.set(jobId, Math.max(beside.get(jobId) ?? 0, now - 1));
      seen();
      for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setTimeout(resolve, 4)).then(seen);
      now -= 1;
      return ok;
    };
    const jobs = Array.from({ length: 60 }, () => testJob());
    const suspects = [jobs[10]!, jobs[11]!, jobs[40]!].map(({ jobId }) => jobId);
    for (const id of suspects) ledger.suspects.add(id);
    await start(handler, { prefetch: 8 });
    for (const job of jobs) dispatch(rabbit.channel, job);
    for (const { jobId } of jobs) await told(jobId, 'succeeded 1');
    expect(suspects.map((id) => beside.get(id))).toEqual([0, 0, 0]);
    expect(most).toBeGreaterThan(1);
  });

  it('acknowledges a long job when it is granted, and runs it all the same', async () => {
    const { handler, runs, running } = obedient();
    const session = await start(handler, { prefetch: 1, ackEarlyAboveMs: 1_000, finishMs: 0 });
    const first = dispatch(rabbit.channel, testJob({ timeoutMs: 3_600_000 }));
    await running();
    // With a prefetch of one, the second is delivered only once the first is acknowledged; it waits for the slot.
    const second = dispatch(rabbit.channel, testJob({ timeoutMs: 3_600_000 }));
    await waitFor(async () => (await rabbit.ready(queue)) === 0, { describe: 'the second delivery' });
    expect(runs.map((run) => [run.jobId, run.signal.aborted])).toEqual([[first, false]]);
    await session.stop();
    await told(first, 'released 1');
    expect(ledger.told(second)).toEqual([]);
    expect(await rabbit.ready(queue)).toBe(1);
  });

  it('quarantines a kind it has no handler for and the ledger has no job of', async () => {
    await start(async () => ok);
    const jobId = dispatch(rabbit.channel, testJob({ kind: 'platform.probe' }));
    const { properties } = await rabbit.take(quarantineQueue);
    expect(properties).toMatchObject({ messageId: jobId, type: 'platform.probe' });
    expect(properties.headers).toMatchObject({
      'rh-tenant': 't1',
      'rh-reason': expect.stringContaining('platform.probe'),
    });
  });
});
