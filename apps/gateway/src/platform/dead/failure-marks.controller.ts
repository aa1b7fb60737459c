import { applyDecorators, Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { FailureMarks, type ApiKeyIdentity, type FailureMark } from '@roundhouse/ledger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { actorOf, Identity } from '../access/index.js';
import { Operation, parse, Problem, timestampSchema } from '../http/index.js';

const tag = 'dead letters';
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

const mutedSchema = z
  .object({
    fingerprint: z.string(),
    kind: z.string().nullable().describe('Of the jobs that had died of it; null: not known any more'),
    code: z.string().nullable(),
    at: z.iso.datetime(),
    by: z.string(),
    reason: z.string(),
    until: z.iso.datetime().nullable().describe('null: until somebody ends it'),
  })
  .meta({ id: 'Mute' });

/** A route that sets or ends a mark and answers nothing. */
const Marking = (summary: string, outcome: string, body?: z.ZodType): MethodDecorator =>
  applyDecorators(
    HttpCode(204),
    Operation({ summary, tag, scope: 'dead:redrive', body, status: 204, response: { description: outcome } }),
  );

/** What people say of a cause of death: not to be told of, or removed. */
@Controller('v1/dead')
export class FailureMarksController {
  private readonly marks: FailureMarks;

  constructor(dataSource: DataSource) {
    this.marks = new FailureMarks(dataSource);
  }

  @Get('mutes')
  @Operation({
    summary: 'List what is muted now, whether or not a job is dead of it, latest first',
    tag,
    scope: 'jobs:view',
    response: { description: 'At most 500', schema: z.object({ mutes: z.array(mutedSchema) }) },
  })
  async list(@Identity() { tenantId }: ApiKeyIdentity): Promise<{ mutes: z.input<typeof mutedSchema>[] }> {
    const mutes = await this.marks.muted(tenantId);
    return {
      mutes: mutes.map(({ at, until, ...mute }) => ({
        ...mute,
        at: at.toISOString(),
        until: until?.toISOString() ?? null,
      })),
    };
  }

  @Post(':fingerprint/mute')
  @Marking('Mute a failure: jobs that die of it raise no alarm', 'Muted', muteSchema)
  async mute(
    @Param('fingerprint') fingerprint: string,
    @Body() body: unknown,
    @Identity() identity: ApiKeyIdentity,
  ): Promise<void> {
    assertKnown(await this.marks.mute(markOf(identity, fingerprint), parse(muteSchema, body, 'body')), fingerprint);
  }

  @Delete(':fingerprint/mute')
  @Marking('End the muting of a failure', 'Not muted')
  async unmute(@Param('fingerprint') fingerprint: string, @Identity() identity: ApiKeyIdentity): Promise<void> {
    assertKnown(await this.marks.unmute(markOf(identity, fingerprint)), fingerprint);
  }

  @Post(':fingerprint/resolve')
  @Marking(
    'Mark a failure as resolved; when a job dies of it afterwards it counts as recurred',
    'Resolved',
    resolveSchema,
  )
  async resolve(
    @Param('fingerprint') fingerprint: string,
    @Body() body: unknown,
    @Identity() identity: ApiKeyIdentity,
  ): Promise<void> {
    const request = parse(resolveSchema, body, 'body');
    assertKnown(await this.marks.resolve(markOf(identity, fingerprint), request), fingerprint);
  }

  @Delete(':fingerprint/resolve')
  @Marking('Open a resolved failure again', 'Open')
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
