import { Controller, Get } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { Identity } from '../access/index.js';
import { Operation } from '../http/index.js';
import { OverviewFeed } from './overview-feed.js';
import {
  queuesSchema,
  type Queues,
  workersSchema,
  type Workers,
  overviewSchema,
  type Overview,
} from './overview-view.js';

/** What the console's first page shows, for programs. */
@Controller('v1')
export class FiguresController {
  constructor(private readonly feed: OverviewFeed) {}

  @Get('overview')
  @Operation({
    summary: 'What is going on: figures, queues, workers, rates and slots',
    tag: 'figures',
    scope: 'jobs:view',
    response: { description: 'At most five seconds old', schema: overviewSchema },
  })
  overview(@Identity() { tenantId }: ApiKeyIdentity): Promise<Overview> {
    return this.feed.read(tenantId);
  }

  @Get('queues')
  @Operation({
    summary: 'List queues: what waits and runs, who listens, how fast it goes',
    tag: 'figures',
    scope: 'jobs:view',
    response: { description: 'At most five seconds old', schema: queuesSchema },
  })
  async queues(@Identity() { tenantId }: ApiKeyIdentity): Promise<Queues> {
    const { at, queues, cap } = await this.feed.read(tenantId);
    return { at, queues, cap };
  }

  @Get('workers')
  @Operation({
    summary: 'Say which queues a worker listens on; to operators also which worker processes live, and what they run',
    tag: 'figures',
    scope: 'jobs:view',
    response: { description: 'At most five seconds old', schema: workersSchema },
  })
  async workers(@Identity() { tenantId }: ApiKeyIdentity): Promise<Workers> {
    const { at, all_tenants, workers, queues } = await this.feed.read(tenantId);
    return { at, all_tenants, workers, queues: queues.map(({ queue, consumed }) => ({ queue, consumed })) };
  }
}
