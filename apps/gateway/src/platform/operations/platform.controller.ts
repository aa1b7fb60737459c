import { Controller, Get, Res } from '@nestjs/common';
import { HealthChecks } from '@roundhouse/service';
import type { FastifyReply } from 'fastify';
import { Operation } from '../http/index.js';
import { OpenApi } from '../openapi/index.js';

@Controller()
export class PlatformController {
  constructor(
    private readonly health: HealthChecks,
    private readonly openApi: OpenApi,
  ) {}

  @Get('healthz')
  @Operation({ summary: 'The process is alive', tag: 'platform', scope: 'public', response: { description: 'Always' } })
  alive() {
    return { status: 'alive' };
  }

  @Get('readyz')
  @Operation({
    summary: 'Requests can be served: ready, or degraded by something that is not needed to accept jobs',
    tag: 'platform',
    scope: 'public',
    response: { description: '200 when ready or degraded, 503 when not; with the reasons' },
  })
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const readiness = await this.health.readiness();
    await reply.status(readiness.status === 'not_ready' ? 503 : 200).send(readiness);
  }

  @Get('openapi.json')
  @Operation({ summary: 'This document', tag: 'platform', scope: 'public', response: { description: 'OpenAPI 3.1' } })
  document() {
    return this.openApi.document();
  }
}
