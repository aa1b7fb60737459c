import { Controller, Get, Param } from '@nestjs/common';
import { Explanations, type ApiKeyIdentity } from '@roundhouse/ledger';
import { Identity } from '../access/index.js';
import { Operation, parseId, Problem } from '../http/index.js';
import { explanationSchema, explanationView } from './explanation-view.js';

@Controller('v1/jobs')
export class ExplainController {
  constructor(private readonly explanations: Explanations) {}

  @Get(':id/explain')
  @Operation({
    summary: 'Account for every millisecond of a job, and say why it is not running now',
    tag: 'jobs',
    scope: 'jobs:view',
    response: { description: 'Where its time went, what holds it up and until when', schema: explanationSchema },
  })
  async explain(@Param('id') id: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const explanation = await this.explanations.explain(tenantId, parseId(id));
    if (!explanation) throw new Problem('not_found', `There is no job ${id}`);
    return explanationView(explanation);
  }
}
