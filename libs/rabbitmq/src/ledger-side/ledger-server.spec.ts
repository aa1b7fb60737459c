import { JobEvents, type ClaimDecision, ClaimRequest, WorkerHeartbeat } from '@roundhouse/contracts';
import type { Delivery } from '@roundhouse/jobs';
import { waitFor } from '@roundhouse/testing';
import { randomUUID } from 'node:crypto';
import { TestRabbit } from '../../e2e/test-rabbit.js';
import { ClaimClient } from '../worker/claim-client.js';
import { MarkSender } from './mark-sender.js';
import { LedgerServer, type LedgerHandlers } from './ledger-server.js';
import { claimsQueue, eventsKey, eventsQueue, exchange } from '../topology/index.js';

class Transient extends Error {}

describe('LedgerServer', () => {
  let rabbit: TestRabbit;
  let server: LedgerServer | undefined;

  beforeAll(async () => {
    rabbit = await TestRabbit.start();
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
    for (const queue of [claimsQueue, eventsQueue]) await rabbit.channel.purgeQueue(queue);
  });
  afterAll(() => rabbit.stop());

  async function start(patch: Partial<LedgerHandlers>): Promise<LedgerServer> {
    const handlers: LedgerHandlers = {
      claims: async (requests) => requests.map(dropAll),
      heartbeat: async () => [],
      events: async () => undefined,
      mark: async () => undefined,
      rejectedEvents: async () => undefined,
      isTransient: (error) => error instanceof Transient,
      ...patch,
    };
    return (server = await LedgerServer.start(await rabbit.connect(), handlers, rabbit.log));
  }

  it('lets a mark count when what was reported before it has been applied, and no sooner', async () => {
    const told: string[] = [];
    let apply: () => void = () => undefined;
    const applied = new Promise<void>((resolve) => (apply = resolve));
    const marks = await MarkSender.open(await rabbit.connect());
    for (const id of ['a', 'b', 'c']) sendEvents(id);
    const at = new Date('2026-01-01T00:00:00.123Z');
    await waitFor(async () => (await rabbit.channel.checkQueue(eventsQueue)).messageCount === 3);
    marks.send(at);
    await waitFor(async () => (await rabbit.channel.checkQueue(eventsQueue)).messageCount === 4);
    await start({
      events: async (messages) => {
        told.push('taken');
        await applied;
        told.push(...messages.flatMap(({ events }) => events.map(({ jobId }) => jobId)));
      },
      mark: async (time) => void told.push(time.toISOString()),
    });
    await waitFor(() => told.includes('taken'));
    sendEvents('later');
    await waitFor(async () => (await rabbit.channel.checkQueue(eventsQueue)).messageCount === 0);
    expect(told.filter((word) => word !== 'taken')).toEqual([]);
    apply();
    await waitFor(() => told.includes(at.toISOString()));
    expect(told.filter((word) => word !== 'taken' && word !== 'later')).toEqual(['a', 'b', 'c', at.toISOString()]);
  });

  const dropAll = ({ claims }: ClaimRequest): ClaimDecision[] =>
    claims.map(({ jobId }) => ({ jobId, decision: { $case: 'dropped', value: { reason: 1 } } }));

  function sendEvents(...jobIds: string[]): void {
    const events = jobIds.map((jobId) => ({ jobId, attempt: 1 }));
    const body = JobEvents.encode(JobEvents.fromPartial({ workerId: 'w1', events })).finish();
    rabbit.channel.publish(exchange.ledger, eventsKey, Buffer.from(body), { persistent: true });
  }
  const ids = (messages: JobEvents[]): string[] => messages.flatMap((m) => m.events.map((e) => e.jobId));

  /** Nothing of the queue is left, neither ready nor unacknowledged. */
  async function empty(queue: string): Promise<void> {
    await waitFor(
      async () => {
        const { messages } = await rabbit.broker.manage<{ messages?: number }>('GET', `/queues/{vhost}/${queue}`);
        return messages === 0;
      },
      { intervalMs: 50, describe: `${queue} to be empty` },
    );
  }

  describe('claims', () => {
    const client = async () => ClaimClient.open(await rabbit.connect(), randomUUID(), rabbit.log);
    const delivery = () => ({ jobId: randomUUID(), redelivered: true, traceparent: 'trace' }) as Delivery;

    it('answers each worker its own, many requests in one batch', async () => {
      const sizes: number[] = [];
      await start({
        claims: async (requests) => {
          sizes.push(requests.length);
          return requests.map(dropAll);
        },
      });
      const clients = await Promise.all(Array.from({ length: 5 }, client));
      const asked = clients.flatMap((c) => Array.from({ length: 20 }, () => [c, delivery()] as const));
      const answers = await Promise.all(asked.map(([c, d]) => c.claim(d)));
      expect(answers.map((a) => a.jobId)).toEqual(asked.map(([, d]) => d.jobId));
      expect(Math.max(...sizes)).toBeLessThanOrEqual(20);
      await Promise.all(clients.map((c) => c.close(0)));
    });

    it('singles out the request that cannot be answered', async () => {
      const poisoned = { workerId: '' };
      await start({
        claims: async (requests) => {
          await new Promise((resolve) => setTimeout(resolve, 20)); // so that the others gather behind it
          if (requests.some((r) => r.workerId === poisoned.workerId))
            throw new Error('invalid input syntax for type uuid');
          return requests.map(dropAll);
        },
      });
      const [bad, ...good] = await Promise.all(Array.from({ length: 4 }, client));
      poisoned.workerId = (bad as unknown as { workerId: string }).workerId;
      const unanswered = expect(bad!.claim(delivery())).rejects.toThrow();
      await Promise.all(good.map((c) => c.claim(delivery())));
      await Promise.all([...good, bad!].map((c) => c.close(0)));
      await unanswered;
    });

    it('answers heartbeats', async () => {
      const beats: WorkerHeartbeat[] = [];
      await start({
        heartbeat: async (beat) => {
          beats.push(beat);
          return [{ jobId: 'j', attempt: 2, reason: 1 }];
        },
      });
      const one = await client();
      expect(await one.heartbeat({ workerId: 'w' } as WorkerHeartbeat).catch(() => [])).toEqual([]); // not encodable: no answer
      const revoked = await one.heartbeat(WorkerHeartbeat.fromPartial({ workerId: 'w9', pid: 7 }));
      expect(revoked).toMatchObject([{ jobId: 'j', attempt: 2, reason: 1 }]);
      expect(beats).toMatchObject([{ workerId: 'w9', pid: 7 }]);
      await one.close(0);
    });

    it.each(['claim', 'heartbeat'])('neither takes nor answers a %s whose answer shall go to a queue', async (type) => {
      const asked: unknown[] = [];
      await start({
        claims: async (requests) => (asked.push(...requests), requests.map(dropAll)),
        heartbeat: async (beat) => (asked.push(beat), []),
      });
      const queue = await rabbit.queue(`victim-${randomUUID()}`);
      const body = Buffer.from(ClaimRequest.encode(ClaimRequest.fromPartial({ workerId: 'w' })).finish());
      for (const replyTo of [queue, eventsQueue, undefined])
        rabbit.channel.publish(exchange.ledger, 'claims', body, { type, replyTo, correlationId: '1' });
      await empty(claimsQueue);
      expect(asked).toEqual([]);
      expect(await rabbit.ready(queue)).toBe(0);
    });

    it('survives a request that cannot be read', async () => {
      await start({});
      rabbit.channel.publish(exchange.ledger, 'claims', Buffer.from([0x0a, 0xff]), {
        type: 'claim',
        replyTo: 'nobody',
      });
      const one = await client();
      expect((await one.claim(delivery())).decision?.$case).toBe('dropped');
      await one.close(0);
    });
  });

  describe('events', () => {
    it('acknowledges what is applied', async () => {
      const applied: string[] = [];
      await start({ events: async (messages) => void applied.push(...ids(messages)) });
      sendEvents('a', 'b');
      sendEvents('c');
      await waitFor(() => applied.length === 3, { describe: 'all events' });
      expect(applied).toEqual(['a', 'b', 'c']);
      await empty(eventsQueue);
    });

    it('singles out the message that can never be applied', async () => {
      const applied: string[] = [];
      const rejected: [string, string][] = [];
      await start({
        events: async (messages) => {
          if (ids(messages).includes('poison')) throw new Error('job id is no uuid');
          applied.push(...ids(messages));
        },
        rejectedEvents: async (body, reason) => void rejected.push([JobEvents.decode(body).events[0]!.jobId, reason]),
      });
      for (const id of ['a', 'b', 'poison', 'c', 'd']) sendEvents(id);
      await waitFor(() => applied.length === 4 && rejected.length === 1, { describe: 'all to be handled' });
      expect(applied.sort()).toEqual(['a', 'b', 'c', 'd']);
      expect(rejected).toEqual([['poison', 'job id is no uuid']]);
      await empty(eventsQueue);
    });

    it('keeps a body that cannot be read, byte by byte', async () => {
      const rejected: Buffer[] = [];
      await start({ rejectedEvents: async (body) => void rejected.push(body) });
      rabbit.channel.publish(exchange.ledger, eventsKey, Buffer.from([0x0a, 0xff, 0x01]), { persistent: true });
      await waitFor(() => rejected.length === 1, { describe: 'the rejection' });
      expect([...rejected[0]!]).toEqual([0x0a, 0xff, 0x01]);
    });

    it('holds messages while the database is away', async () => {
      let away = true;
      let tries = 0;
      const applied: string[] = [];
      await start({
        events: async (messages) => {
          tries += 1;
          if (away) throw new Transient('connection refused');
          applied.push(...ids(messages));
        },
      });
      sendEvents('a');
      await waitFor(() => tries >= 2, { describe: 'a second try' });
      away = false;
      await waitFor(() => applied.length === 1, { describe: 'the event' });
    });

    it('tries until a poisoned message is kept, even while the database is away', async () => {
      let away = true;
      let tries = 0;
      const kept: Buffer[] = [];
      await start({
        rejectedEvents: async (body) => {
          tries += 1;
          if (away) throw new Transient('connection refused');
          kept.push(body);
        },
      });
      rabbit.channel.publish(exchange.ledger, eventsKey, Buffer.from([0x0a, 0xff]), { persistent: true });
      await waitFor(() => tries >= 2, { describe: 'a second try' });
      away = false;
      await waitFor(() => kept.length === 1, { describe: 'the message to be kept' });
    });

    it('leaves with the broker what it could not apply when it stops', async () => {
      await start({ events: () => Promise.reject(new Transient('connection refused')) });
      sendEvents('a');
      await waitFor(async () => (await rabbit.ready(eventsQueue)) === 0, { describe: 'the message to be held' });
      await server!.stop();
      server = undefined;
      await waitFor(async () => (await rabbit.ready(eventsQueue)) === 1, { describe: 'the message to be back' });
    });

    it('finishes and acknowledges what is in hand when it stops', async () => {
      let go: (() => void) | undefined;
      await start({ events: () => new Promise((resolve) => (go = resolve)) });
      sendEvents('a');
      await waitFor(() => go, { describe: 'the event' });
      const stopped = server!.stop();
      go!();
      await stopped;
      server = undefined;
    });
  });

  it('comes back after its queue was deleted, and stops in order afterwards', async () => {
    const applied: string[] = [];
    await start({ events: async (messages) => void applied.push(...ids(messages)) });
    await rabbit.channel.deleteQueue(eventsQueue);
    await waitFor(() => rabbit.log.has('channel could not be opened again'), { describe: 'it to hear of that' });
    await rabbit.queue(eventsQueue, { 'x-delivery-limit': 1_000_000 });
    await rabbit.channel.bindQueue(eventsQueue, exchange.ledger, eventsKey);
    await waitFor(async () => (await rabbit.consumers(eventsQueue)) === 1, { describe: 'the consumer' });
    sendEvents('after');
    await waitFor(() => applied.includes('after'), { describe: 'the event' });
    await server!.stop();
    server = undefined;
    expect(await rabbit.consumers(eventsQueue)).toBe(0);
  });
});
