import { Controller, Get } from '@nestjs/common';
import { catalogue } from '@roundhouse/contracts';
import { queueDepthCap } from '@roundhouse/ledger';
import { z } from 'zod';
import { Operation } from '../http/index.js';
import { mismatchTexts, QueueDepths } from './queue-depths.js';

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
  constructor(private readonly depths: QueueDepths) {}

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
    const queues = (await this.depths.read()).map(({ queue, queued, in_outbox, atBroker, consumers, mismatch }) => {
      const { weight, processLimit = null } = catalogue.queueClass(queue);
      return {
        queue,
        queued,
        in_outbox,
        weight,
        process_limit: processLimit,
        at_broker: atBroker,
        consumers,
        mismatch: mismatch && mismatchTexts[mismatch],
      };
    });
    return { queues, cap: queueDepthCap };
  }
}
