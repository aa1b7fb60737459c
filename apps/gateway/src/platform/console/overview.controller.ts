import { Controller, Get } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { Identity } from '../access/index.js';
import { Operation } from '../http/index.js';
import { OverviewFeed } from './overview-feed.js';
import { overviewSchema, type Overview } from './overview-view.js';

@Controller('v1/console/overview')
export class OverviewController {
  constructor(private readonly feed: OverviewFeed) {}

  @Get()
  @Operation({
    summary: 'What is going on: figures, queues, workers, rates and slots',
    tag: 'console',
    scope: 'jobs:view',
    response: { description: 'At most five seconds old', schema: overviewSchema },
  })
  read(@Identity() { tenantId }: ApiKeyIdentity): Promise<Overview> {
    return this.feed.read(tenantId);
  }
}
