import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import {
  contractLimit,
  inTransaction,
  limitWait,
  readLimits,
  removeLimit,
  setLimit,
  writeAudit,
  type ApiKeyIdentity,
  type LimitName,
  type LimitView,
} from '@roundhouse/ledger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { LedgerEngine } from '../engine/index.js';
import { actorOf, Identity, ownerOf } from '../access/index.js';
import { Operation, parse, Problem } from '../http/index.js';

const keySchema = z
  .array(z.json())
  .min(1)
  .max(20)
  .describe('Values of the key, as the list shows them; unset: every key of the limit');

const limitRequestSchema = z
  .strictObject({
    limit: z.int().min(0).max(1_000_000).describe('Jobs that run at once; 0 lets none start'),
    key: keySchema.optional(),
  })
  .meta({ id: 'LimitRequest' });

const keyQuerySchema = z.strictObject({
  key: z
    .string()
    .max(2_000)
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'must be a JSON array' });
        return z.NEVER;
      }
    })
    .pipe(keySchema)
    .optional(),
});

const usage = {
  limit: z.number().int().describe('What holds now'),
  source: z.enum(['contract', 'set']),
  running: z.number().int().describe('Slots in use, those of jobs that are about to start included'),
  waiting: z.number().int(),
};
const limitSchema = z
  .object({
    name: z.string(),
    across_tenants: z.boolean(),
    on_conflict: z.string().describe('block: waits; snooze: comes back later; discard: is dropped'),
    ...usage,
    keys: z
      .array(z.object({ key: z.array(z.unknown()), ...usage }))
      .describe('Those in use or with a limit of their own'),
  })
  .meta({ id: 'Limit' });

function view(group: LimitView, keys: readonly LimitView[]): z.input<typeof limitSchema> {
  const rule = contractLimit(group.group);
  const shown = (limit: LimitView, inherited: number) => ({
    limit: limit.own ?? inherited,
    source: limit.own === undefined ? ('contract' as const) : ('set' as const),
    running: limit.running,
    waiting: limit.waiting,
  });
  const own = shown(group, rule?.limit ?? 1);
  return {
    name: group.name,
    across_tenants: group.acrossTenants,
    on_conflict: rule?.onConflict ?? 'block',
    ...own,
    keys: keys.map((key) => ({
      key: JSON.parse(key.values ?? '[]') as unknown[],
      ...shown(key, own.limit),
      ...(key.own === undefined && { source: own.source }),
    })),
  };
}

@Controller('v1/limits')
export class LimitsController {
  constructor(
    private readonly database: DataSource,
    private readonly engine: LedgerEngine,
  ) {}

  @Get()
  @Operation({
    summary: 'List concurrency limits with what runs and waits',
    tag: 'limits',
    scope: 'jobs:view',
    response: { description: 'By name', schema: z.object({ limits: z.array(limitSchema) }) },
  })
  async list(@Identity() { tenantId }: ApiKeyIdentity) {
    return { limits: await this.views(tenantId) };
  }

  @Get(':name')
  @Operation({
    summary: 'Read a concurrency limit',
    tag: 'limits',
    scope: 'jobs:view',
    response: { description: 'The limit', schema: limitSchema },
  })
  async read(@Param('name') name: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const found = (await this.views(tenantId)).find((limit) => limit.name === name);
    if (!found) throw missing(name);
    return found;
  }

  @Put(':name')
  @Operation({
    summary: 'Set a concurrency limit, of a group or of one of its keys',
    tag: 'limits',
    scope: 'admin',
    body: limitRequestSchema,
    response: { description: 'Holds at once; jobs that run go on', schema: limitSchema },
  })
  async set(@Param('name') name: string, @Body() body: unknown, @Identity() identity: ApiKeyIdentity) {
    const { limit, key } = parse(limitRequestSchema, body, 'body');
    const { owner, named } = this.named(name, key, identity);
    await inTransaction(this.database, async (tx) => {
      await setLimit(tx, owner, named, limit);
      await writeAudit(tx, { ...audit(identity, named), action: 'limit.set', detail: { limit } });
    });
    this.engine.wake(limitWait(owner, named));
    return this.read(name, identity);
  }

  @Delete(':name')
  @HttpCode(204)
  @Operation({
    summary: 'Take a limit back: the group’s or the contract’s holds again',
    tag: 'limits',
    scope: 'admin',
    query: keyQuerySchema,
    status: 204,
    response: { description: 'It is gone' },
  })
  async remove(@Param('name') name: string, @Query() query: unknown, @Identity() identity: ApiKeyIdentity) {
    const { owner, named } = this.named(name, parse(keyQuerySchema, query, 'query').key, identity);
    const removed = await inTransaction(this.database, async (tx) => {
      const gone = await removeLimit(tx, owner, named);
      if (gone) await writeAudit(tx, { ...audit(identity, named), action: 'limit.remove' });
      return gone;
    });
    if (!removed) throw new Problem('not_found', `No limit of ${name.slice(0, 100)} was set`);
    this.engine.wake(limitWait(owner, named));
  }

  private async views(tenantId: string) {
    const all = await readLimits(this.database, tenantId);
    const groups = all.filter((limit) => limit.values === undefined);
    return groups.map((group) =>
      view(
        group,
        all.filter((limit) => limit.group === group.group && limit.values !== undefined),
      ),
    );
  }

  private named(
    name: string,
    key: unknown[] | undefined,
    identity: ApiKeyIdentity,
  ): { owner: string; named: LimitName } {
    const rule = contractLimit(name);
    if (!rule) throw missing(name);
    if (key && key.length !== rule.fields.length) {
      const fields = rule.fields.length > 0 ? `of ${rule.fields.join(', ')}` : ': this limit has a single key';
      throw new Problem('invalid_request', 'The key is not one of this limit', {
        errors: [{ path: 'key', message: `must hold the values ${fields}` }],
      });
    }
    const owner = ownerOf(identity, rule.acrossTenants, `The limit ${name}`);
    return { owner, named: { group: name, values: key && JSON.stringify(key) } };
  }
}

const missing = (name: string) => new Problem('not_found', `There is no limit ${name.slice(0, 100)}`);

const audit = (identity: ApiKeyIdentity, { group, values }: LimitName) => ({
  tenantId: identity.tenantId,
  actor: actorOf(identity),
  subject: values ? `${group} ${values}` : group,
});
