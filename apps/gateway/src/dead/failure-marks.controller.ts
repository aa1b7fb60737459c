import { Body, Controller, Delete, HttpCode, Param, Post } from '@nestjs/common';
import { FailureMarks, type ApiKeyIdentity, type FailureMark } from '@roundhouse/ledger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { actorOf } from '../http/actor.js';
import { Identity } from '../http/auth.guard.js';
import { Operation } from '../http/operation.js';
import { Problem } from '../http/problem.js';
import { parse, timestampSchema } from '../http/validation.js';

const reasonSchema = z.string().trim().min(1, 'says why').max(500);

const muteSchema = z
  .strictObject({
    reason: reasonSchema,
    until: timestampSchema
      .refine((at) => at.getTime() > Date.now(), 'must be in the future')
      .describe('Unset: until somebody ends it')
      .optional(),
  })
  .meta({ id: 'MuteRequest' });

const resolveSchema = z.strictObject({ reason: reasonSchema.optional() }).meta({ id: 'ResolveRequest' });

/** What people say of a cause of death: not to be told of, or removed. */
@Controller('v1/dead/:fingerprint')
export class FailureMarksController {
  private readonly marks: FailureMarks;

  constructor(dataSource: DataSource) {
    this.marks = new FailureMarks(dataSource);
  }

  @Post('mute')
  @HttpCode(204)
  @Operation({
    summary: 'Mute a failure: jobs that die of it raise no alarm',
    tag: 'dead letters',
    scope: 'dead:redrive',
    body: muteSchema,
    status: 204,
    response: { description: 'Muted' },
  })
  async mute(
    @Param('fingerprint') fingerprint: string,
    @Body() body: unknown,
    @Identity() identity: ApiKeyIdentity,
  ): Promise<void> {
    assertKnown(await this.marks.mute(markOf(identity, fingerprint), parse(muteSchema, body, 'body')), fingerprint);
  }

  @Delete('mute')
  @HttpCode(204)
  @Operation({
    summary: 'End the muting of a failure',
    tag: 'dead letters',
    scope: 'dead:redrive',
    status: 204,
    response: { description: 'Not muted' },
  })
  async unmute(@Param('fingerprint') fingerprint: string, @Identity() identity: ApiKeyIdentity): Promise<void> {
    assertKnown(await this.marks.unmute(markOf(identity, fingerprint)), fingerprint);
  }

  @Post('resolve')
  @HttpCode(204)
  @Operation({
    summary: 'Mark a failure as resolved; when a job dies of it afterwards it counts as recurred',
    tag: 'dead letters',
    scope: 'dead:redrive',
    body: resolveSchema,
    status: 204,
    response: { description: 'Resolved' },
  })
  async resolve(
    @Param('fingerprint') fingerprint: string,
    @Body() body: unknown,
    @Identity() identity: ApiKeyIdentity,
  ): Promise<void> {
    const request = parse(resolveSchema, body, 'body');
    assertKnown(await this.marks.resolve(markOf(identity, fingerprint), request), fingerprint);
  }

  @Delete('resolve')
  @HttpCode(204)
  @Operation({
    summary: 'Open a resolved failure again',
    tag: 'dead letters',
    scope: 'dead:redrive',
    status: 204,
    response: { description: 'Open' },
  })
  async reopen(@Param('fingerprint') fingerprint: string, @Identity() identity: ApiKeyIdentity): Promise<void> {
    assertKnown(await this.marks.reopen(markOf(identity, fingerprint)), fingerprint);
  }
}

const markOf = (identity: ApiKeyIdentity, fingerprint: string): FailureMark => ({
  tenantId: identity.tenantId,
  fingerprint,
  actor: actorOf(identity),
});

function assertKnown(known: boolean, fingerprint: string): void {
  if (!known) throw new Problem('not_found', `No job has died of ${fingerprint.slice(0, 64)}`);
}
