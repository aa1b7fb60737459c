import { Controller, Get, Query, type Type } from '@nestjs/common';
import { allows, findById, findFailure, type ApiKeyIdentity } from '@roundhouse/ledger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { Identity } from '../access/index.js';
import { idSchema, Operation, parse } from '../http/index.js';
import { WorkloadFinder } from '../workload/index.js';

const querySchema = z.strictObject({
  id: z
    .string()
    .trim()
    .toLowerCase()
    .pipe(z.union([idSchema, z.string().regex(/^[0-9a-f]{16}$/)], 'must be a UUID or a fingerprint'))
    .describe('A UUID, or the fingerprint of a failure'),
});

const ownTypes = ['job', 'batch', 'workflow', 'schedule', 'redrive', 'failure'] as const;

const foundSchema = (things: readonly string[]) =>
  z
    .object({
      type: z.enum([...ownTypes, ...things]),
      id: z.string(),
      name: z.string().describe('The kind of a job or failure, the name of a batch or schedule'),
      state: z.string().nullable(),
      user_id: z.string().optional().describe('Whose account it is'),
    })
    .meta({ id: 'Found' });
type Found = z.input<ReturnType<typeof foundSchema>>;

/**
 * What an id that somebody has at hand belongs to.
 * @param things what workloads have ids for: the OpenAPI document names them all
 */
export function consoleFindController(things: readonly string[]): Type {
  @Controller('v1/console/find')
  class ConsoleFindController {
    constructor(
      private readonly dataSource: DataSource,
      private readonly workloads: WorkloadFinder,
    ) {}

    @Get()
    @Operation({
      summary: 'Say what an id belongs to',
      tag: 'console',
      scope: 'jobs:view',
      query: querySchema,
      response: {
        description: 'What has this id; empty when nothing does',
        schema: z.object({ found: z.array(foundSchema(things)) }),
      },
    })
    async find(@Query() query: unknown, @Identity() { tenantId, scopes }: ApiKeyIdentity): Promise<{ found: Found[] }> {
      const { id } = parse(querySchema, query, 'query');
      if (id.includes('-')) {
        // Names of files and accounts are of the payloads; so are the pages that show them.
        const seesThings = allows(scopes, 'jobs:read');
        const ofWorkloads = seesThings ? this.workloads.find(tenantId, id) : [];
        const [found, more] = await Promise.all([findById(this.dataSource, tenantId, id), ofWorkloads]);
        return { found: [...found, ...more] };
      }
      const failure = await findFailure(this.dataSource, tenantId, id);
      return { found: failure ? [{ type: 'failure', id, name: failure.kind, state: null }] : [] };
    }
  }
  return ConsoleFindController;
}
