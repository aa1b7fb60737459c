import { Controller, Get } from '@nestjs/common';
import { catalogue } from '@roundhouse/contracts';
import { queueDepthCap, readQueueDepths } from '@roundhouse/ledger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { LedgerEngine } from '../engine/ledger-engine.js';
import { Operation } from '../http/operation.js';

const count = z.number().int();
const depthSchema = z.object({
  queue: z.string(),
  weight: z.number().describe('Share of a worker process while several queues have work'),
  process_limit: count.nullable().describe('Jobs of the queue that one process runs at once'),
  queued: count.describe('In the ledger, of all tenants'),
  in_outbox: count.describe('Of those, not sent to the broker'),
  at_broker: count.nullable().describe('Ready at the broker; null when it does not say'),
  consumers: count.nullable(),
  mismatch: z.string().nullable().describe('What ledger and broker do not agree on'),
});

/** The same queues as ledger and broker see them. */
@Controller('v1/console/queues')
export class QueueDepthsController {
  constructor(
    private readonly engine: LedgerEngine,
    private readonly dataSource: DataSource,
  ) {}

  @Get()
  @Operation({
    summary: 'Depth of each queue in the ledger and at the broker, of all tenants',
    tag: 'console',
    scope: 'jobs:view',
    response: {
      description: 'By name',
      schema: z.object({ queues: z.array(depthSchema), cap: count.describe('Nothing is counted beyond this') }),
    },
  })
  async read() {
    const [ledger, broker] = await Promise.all([
      readQueueDepths(this.dataSource),
      this.engine.brokerQueues().catch(() => []), // the broker is away: its column is empty and says so
    ]);
    const byName = new Map(broker.map((queue) => [queue.queue, queue]));
    const queues = ledger.map((depth) => {
      const { weight, processLimit = null } = catalogue.queueClass(depth.queue);
      const found = byName.get(depth.queue);
      const [atBroker, consumers] = [found?.messages ?? null, found?.consumers ?? null];
      return {
        ...depth,
        weight,
        process_limit: processLimit,
        at_broker: atBroker,
        consumers,
        mismatch: mismatch(depth, atBroker, consumers),
      };
    });
    return { queues, cap: queueDepthCap };
  }
}

function mismatch(
  { queued, in_outbox: inOutbox }: { queued: number; in_outbox: number },
  atBroker: number | null,
  consumers: number | null,
): string | null {
  if (atBroker === null) return 'the broker does not know it: ./roundhouse topology verify';
  if (consumers === 0 && queued > 0) return 'nobody consumes it';
  if (queued < queueDepthCap && atBroker > queued - inOutbox)
    return 'more at the broker than the ledger waits for: copies, which are dropped when claimed';
  return null;
}
