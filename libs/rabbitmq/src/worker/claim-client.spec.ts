import { ClaimReply, ClaimRequest, HeartbeatReply, WorkerHeartbeat } from '@roundhouse/contracts';
import type { Delivery } from '@roundhouse/jobs';
import { TcpProxy, waitFor } from '@roundhouse/testing';
import type { Channel, ConsumeMessage } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { TestRabbit } from '../../e2e/test-rabbit.js';
import { ClaimAbandoned, ClaimClient } from './claim-client.js';
import { claimsQueue } from '../topology/index.js';

const delivery = (jobId: string = randomUUID()): Delivery =>
  ({ jobId, redelivered: false, traceparent: '' }) as Delivery;
const grant = (jobId: string, attempt: number) => ({
  jobId,
  decision: { $case: 'granted' as const, value: { attempt, failures: 0, checkpoint: Buffer.alloc(0) } },
});

describe('ClaimClient', () => {
  let rabbit: TestRabbit;
  let proxy: TcpProxy;
  let ledger: Channel;
  const opened: ClaimClient[] = [];

  beforeAll(async () => {
    rabbit = await TestRabbit.start();
    proxy = await TcpProxy.before(rabbit.url);
  });
  beforeEach(async () => {
    ledger = await rabbit.rawChannel();
  });
  afterEach(async () => {
    for (const client of opened.splice(0)) await client.close(0);
    await ledger.close();
    await rabbit.channel.purgeQueue(claimsQueue);
  });
  afterAll(async () => {
    await rabbit.stop();
    await proxy.stop();
  });

  async function open(url = rabbit.url): Promise<ClaimClient> {
    const client = await ClaimClient.open(await rabbit.connect(url), 'w1', rabbit.log);
    opened.push(client);
    return client;
  }

  /** A ledger of the test's own; what `answer` gives is the reply, undefined is silence. */
  async function serve(
    answer: (request: ClaimRequest, message: ConsumeMessage) => ClaimReply | undefined,
  ): Promise<void> {
    await ledger.consume(
      claimsQueue,
      (message) => {
        const reply = answer(ClaimRequest.decode(message!.content), message!);
        if (reply) send(message!, reply);
      },
      { noAck: true },
    );
  }

  function send({ properties }: ConsumeMessage, reply: ClaimReply): void {
    const { replyTo, correlationId } = properties;
    ledger.publish('', String(replyTo), Buffer.from(ClaimReply.encode(reply).finish()), {
      correlationId: String(correlationId),
    });
  }

  const grantAll = ({ claims }: ClaimRequest, attempt = 1): ClaimReply =>
    ClaimReply.fromPartial({ decisions: claims.map(({ jobId }) => grant(jobId, attempt)) });

  it('asks for many in one message and gives each its own answer', async () => {
    const requests: ClaimRequest[] = [];
    await serve((request) => {
      requests.push(request);
      return grantAll(request);
    });
    const client = await open();
    const deliveries = Array.from({ length: 400 }, () => delivery());
    const decisions = await Promise.all(deliveries.map((d) => client.claim(d)));
    expect(decisions.map((d) => d.jobId)).toEqual(deliveries.map((d) => d.jobId));
    expect(requests.length).toBeLessThanOrEqual(3);
    expect(requests[0]).toMatchObject({ workerId: 'w1' });
  });

  it('asks again when the answer is lost, and ignores one that comes late', async () => {
    let first: ConsumeMessage | undefined;
    await serve((request, message) => {
      if (first) return grantAll(request, 2);
      first = message;
      return undefined;
    });
    const client = await open();
    const wanted = delivery();
    const decision = await client.claim(wanted); // after the reply timeout of 5 s
    expect(decision.decision).toMatchObject({ $case: 'granted', value: { attempt: 2 } });
    send(first!, ClaimReply.fromPartial({ decisions: [grant(wanted.jobId, 1)] }));
    const next = delivery();
    expect((await client.claim(next)).jobId).toBe(next.jobId);
    expect(JSON.stringify(rabbit.log.lines)).toContain('No answer within');
  });

  it('does not believe an answer with too few decisions', async () => {
    let times = 0;
    await serve((request) => {
      times += 1;
      return times === 1 ? ClaimReply.fromPartial({ decisions: [] }) : grantAll(request, times);
    });
    const { decision } = await (await open()).claim(delivery());
    expect(decision).toMatchObject({ $case: 'granted', value: { attempt: 2 } });
  });

  it('does not believe an answer that cannot be read', async () => {
    let times = 0;
    await serve((request, { properties }) => {
      times += 1;
      if (times > 1) return grantAll(request, times);
      ledger.publish('', String(properties.replyTo), Buffer.from([0x0a, 0xff]), {
        correlationId: String(properties.correlationId),
      });
      return undefined;
    });
    const { decision } = await (await open()).claim(delivery());
    expect(decision).toMatchObject({ $case: 'granted', value: { attempt: 2 } });
  });

  it('waits for a ledger that is not there yet', async () => {
    const client = await open();
    const claimed = client.claim(delivery());
    await waitFor(async () => (await rabbit.ready(claimsQueue)) === 1, { describe: 'the question to wait' });
    await serve((request) => grantAll(request));
    expect((await claimed).decision?.$case).toBe('granted');
  });

  it('keeps asking while there is not even a queue', async () => {
    await rabbit.channel.unbindQueue(claimsQueue, 'ledger', 'claims');
    const client = await open();
    const before = rabbit.log.lines.length;
    const claimed = client.claim(delivery());
    const unheard = () =>
      rabbit.log.lines.slice(before).filter((l) => String(l.fields['error']).includes('No ledger queue is bound'));
    await waitFor(() => unheard().length >= 2, { describe: 'two answers that nobody is there' });
    await rabbit.channel.bindQueue(claimsQueue, 'ledger', 'claims');
    await serve((request) => grantAll(request));
    expect((await claimed).decision?.$case).toBe('granted');
  });

  it('asks again on the next connection when its own was cut', async () => {
    let questions = 0;
    await serve((request) => {
      questions += 1;
      if (questions > 1) return grantAll(request, questions);
      proxy.cut();
      return undefined;
    });
    const before = rabbit.log.lines.length;
    const client = await open(proxy.through(rabbit.url));
    const { decision } = await client.claim(delivery());
    expect(decision).toMatchObject({ $case: 'granted', value: { attempt: 2 } });
    // It did not wait for the reply timeout.
    expect(JSON.stringify(rabbit.log.lines.slice(before))).not.toContain('No answer within');
  });

  it.each([true, false])('gives up when it is closed (connected: %s)', async (connected) => {
    const client = await open(proxy.through(rabbit.url));
    if (!connected) proxy.refuse();
    const claimed = expect(client.claim(delivery())).rejects.toThrow(ClaimAbandoned);
    await client.close(50);
    await claimed;
    proxy.heal();
  });

  it('takes an answer that is on its way when it is closed', async () => {
    let question: [ClaimRequest, ConsumeMessage] | undefined;
    await serve((request, message) => void (question = [request, message]));
    const client = await open();
    const claimed = client.claim(delivery());
    await waitFor(() => question, { describe: 'the question' });
    const closed = client.close();
    send(question![1], grantAll(question![0]));
    expect((await claimed).decision?.$case).toBe('granted');
    await closed;
  });

  it('brings heartbeats across and tells what is revoked', async () => {
    await ledger.consume(
      claimsQueue,
      (message) => {
        const { properties, content } = message!;
        const { running } = WorkerHeartbeat.decode(content);
        const revoked = running.map((r) => ({ ...r, reason: 2 }));
        const reply = HeartbeatReply.encode(HeartbeatReply.fromPartial({ revoked })).finish();
        expect(properties.type).toBe('heartbeat');
        ledger.publish('', String(properties.replyTo), Buffer.from(reply), {
          correlationId: String(properties.correlationId),
        });
      },
      { noAck: true },
    );
    const beat = WorkerHeartbeat.fromPartial({ workerId: 'w1', running: [{ jobId: 'a', attempt: 3 }] });
    expect(await (await open()).heartbeat(beat)).toMatchObject([{ jobId: 'a', attempt: 3, reason: 2 }]);
  });
});
