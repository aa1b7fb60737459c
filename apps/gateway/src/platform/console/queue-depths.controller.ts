import { Controller, Get } from '@nestjs/common';
import { catalogue } from '@roundhouse/contracts';
import { loadCap, queueDepthCap, type ApiKeyIdentity } from '@roundhouse/ledger';
import { z } from 'zod';
import { Identity, isOperator } from '../access/index.js';
import { Operation } from '../http/index.js';
import { OverviewFeed } from './overview-feed.js';
import { mismatchTexts, QueueDepths } from './queue-depths.js';

const count = z.number().int();
const depthSchema = z.object({
  queue: z.string(),
  weight: z.number().describe('Share of a worker process while several queues have work'),
  process_limit: count.nullable().describe('Jobs of the queue that one process runs at once'),
  queued: count.describe('In the ledger: of the tenant, for operators of all'),
  consumed: z.boolean().describe('Whether somebody listens'),
  in_outbox: count.nullable().describe('For operators: of those, not sent to the broker'),
  at_broker: count.nullable().describe('For operators: ready at the broker; null when it does not say'),
  consumers: count.nullable().describe('For operators'),
  mismatch: z.string().nullable().describe('What ledger and broker do not agree on'),
});
type Depth = z.input<typeof depthSchema>;

const classOf = (queue: string) => {
  const { weight, processLimit = null } = catalogue.queueClass(queue);
  return { weight, process_limit: processLimit };
};

/** The same queues as ledger and broker see them. */
@Controller('v1/console/queues')
export class QueueDepthsController {
  constructor(
    private readonly depths: QueueDepths,
    private readonly overviews: OverviewFeed,
  ) {}

  @Get()
  @Operation({
    summary: 'Depth of each queue in the ledger; to operators also at the broker, of all tenants',
    tag: 'console',
    scope: 'jobs:view',
    response: {
      description: 'By name',
      schema: z.object({
        all_tenants: z.boolean().describe('Whether the figures are of all tenants: for operators'),
        queues: z.array(depthSchema),
        cap: count.describe('Nothing is counted beyond this'),
      }),
    },
  })
  async read(@Identity() identity: ApiKeyIdentity) {
    if (isOperator(identity)) return { all_tenants: true, queues: await this.ofAll(), cap: queueDepthCap };
    const { queues } = await this.overviews.read(identity.tenantId);
    const own = queues.map(({ queue, queued, consumed, mismatch }): Depth => ({
      ...{ queue, ...classOf(queue), queued, consumed, mismatch },
      ...{ in_outbox: null, at_broker: null, consumers: null },
    }));
    return { all_tenants: false, queues: own, cap: loadCap };
  }

  private async ofAll(): Promise<Depth[]> {
    const depths = await this.depths.read();
    return depths.map(({ queue, queued, in_outbox, atBroker, consumers, mismatch }) => ({
      ...{ queue, ...classOf(queue), queued, in_outbox, consumers, at_broker: atBroker },
      consumed: (consumers ?? 0) > 0,
      mismatch: mismatch && mismatchTexts[mismatch],
    }));
  }
}
