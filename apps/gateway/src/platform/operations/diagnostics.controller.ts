import { Controller, HttpCode, Post, Query, Res } from '@nestjs/common';
import { inTransaction, writeAudit, type ApiKeyIdentity } from '@roundhouse/ledger';
import { cpuProfile, DiagnosticsRefused, heapSnapshot, type Diagnosis } from '@roundhouse/service';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { actorOf, Identity, isOperator } from '../access/index.js';
import { Operation, parse, Problem, type ProblemCode } from '../http/index.js';

const profileQuery = z.strictObject({ seconds: z.coerce.number().int().min(1).max(60).default(10) });
const codes = { invalid: 'invalid_request', busy: 'conflict', too_large: 'unavailable' } as const satisfies Record<
  DiagnosticsRefused['kind'],
  ProblemCode
>;

/** What this gateway's process is busy with and what its memory holds. Only for operators: all tenants are in there. */
@Controller('v1/diagnostics')
export class DiagnosticsController {
  constructor(private readonly dataSource: DataSource) {}

  @Post('cpu-profile')
  @HttpCode(200)
  @Operation({
    summary: 'Profile the CPU of the gateway that answers',
    tag: 'diagnostics',
    scope: 'admin',
    query: profileQuery,
    response: { description: "A .cpuprofile for Chrome's developer tools, after that many seconds" },
  })
  async profile(@Query() query: unknown, @Identity() identity: ApiKeyIdentity, @Res() reply: FastifyReply) {
    const { seconds } = parse(profileQuery, query, 'query');
    await this.allow(identity, 'diagnostics.cpu_profile', { seconds });
    await send(reply, () => cpuProfile(seconds));
  }

  @Post('heap-snapshot')
  @HttpCode(200)
  @Operation({
    summary: 'Take a snapshot of the heap of the gateway that answers; it stands still meanwhile',
    tag: 'diagnostics',
    scope: 'admin',
    response: { description: "A .heapsnapshot for Chrome's developer tools, with everything that is in memory" },
  })
  async snapshot(@Identity() identity: ApiKeyIdentity, @Res() reply: FastifyReply) {
    await this.allow(identity, 'diagnostics.heap_snapshot');
    await send(reply, heapSnapshot);
  }

  private async allow(identity: ApiKeyIdentity, action: string, detail?: object): Promise<void> {
    if (!isOperator(identity))
      throw new Problem('forbidden', 'This process works for all tenants: only operators may look inside');
    const { tenantId } = identity;
    await inTransaction(this.dataSource, (tx) =>
      writeAudit(tx, { tenantId, actor: actorOf(identity), action, subject: `gateway ${process.pid}`, detail }),
    );
  }
}

async function send(reply: FastifyReply, diagnose: () => Promise<Diagnosis>): Promise<void> {
  try {
    const { fileName, content } = await diagnose();
    void reply.headers({ 'content-disposition': `attachment; filename="${fileName}"`, 'cache-control': 'no-store' });
    await reply.type('application/json').send(content);
  } catch (error) {
    throw error instanceof DiagnosticsRefused ? new Problem(codes[error.kind], error.message) : error;
  }
}
