import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { catalogue } from '@roundhouse/contracts';
import {
  available,
  bucketKey,
  contractRate,
  inTransaction,
  isPaused,
  readBuckets,
  setRate,
  writeAudit,
  type ApiKeyIdentity,
  type BucketView,
  type Rate,
} from '@roundhouse/ledger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { LedgerEngine } from '../engine/index.js';
import { actorOf, Identity, ownerOf } from '../access/index.js';
import { Operation, parse, Problem } from '../http/index.js';

const rateRequestSchema = z
  .strictObject({
    per_second: z.number().min(0.0001).max(100_000).describe('Tokens that come back in a second'),
    burst: z.int().min(1).max(1_000_000).describe('Tokens that the full bucket holds'),
  })
  .meta({ id: 'RateRequest' });

const bucketSchema = z
  .object({
    name: z.string(),
    per_second: z.number(),
    burst: z.number().int(),
    source: z.enum(['contract', 'set', 'learned']).describe('learned: a provider that no kind names asked for silence'),
    across_tenants: z.boolean(),
    kinds: z.array(z.string()).describe('Job kinds that take tokens from it'),
    tokens: z.number().int().describe('Available now'),
    paused_until: z.iso.datetime().nullable().describe('A provider asked for silence until then'),
    waiting: z.number().int().describe('Jobs that wait for a token, counted up to 10 000'),
  })
  .meta({ id: 'RateBucket' });

function view(bucket: BucketView): z.input<typeof bucketSchema> {
  const [name = '', owner] = bucket.key.split('|');
  const kinds = catalogue.kinds().filter(({ rate }) => rate?.bucket === name);
  const origin = kinds.length > 0 ? 'contract' : 'learned';
  return {
    name,
    per_second: bucket.perSecond,
    burst: bucket.burst,
    source: bucket.overridden ? 'set' : origin,
    across_tenants: owner === '*',
    kinds: kinds.map(({ kind }) => kind),
    tokens: available(bucket, bucket.now),
    paused_until: isPaused(bucket, bucket.now) ? new Date(bucket.pausedUntil ?? 0).toISOString() : null,
    waiting: bucket.waiting,
  };
}

const full = { fullAt: 0, grantedFullAt: 0, pausedUntil: undefined, overridden: false, waiting: 0 };

@Controller('v1/rate-buckets')
export class RateBucketsController {
  constructor(
    private readonly database: DataSource,
    private readonly engine: LedgerEngine,
  ) {}

  @Get()
  @Operation({
    summary: "List the buckets of providers' rate limits",
    tag: 'limits',
    scope: 'jobs:view',
    response: { description: 'By name', schema: z.object({ buckets: z.array(bucketSchema) }) },
  })
  async list(@Identity() { tenantId }: ApiKeyIdentity) {
    return { buckets: await this.views(tenantId) };
  }

  @Get(':name')
  @Operation({
    summary: 'Read a bucket: its pace, its tokens, who waits',
    tag: 'limits',
    scope: 'jobs:view',
    response: { description: 'The bucket', schema: bucketSchema },
  })
  async read(@Param('name') name: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const found = (await this.views(tenantId)).find((bucket) => bucket.name === name);
    if (!found) throw new Problem('not_found', `There is no rate bucket ${name.slice(0, 100)}`);
    return found;
  }

  @Put(':name')
  @Operation({
    summary: 'Set the pace of a bucket',
    tag: 'limits',
    scope: 'admin',
    body: rateRequestSchema,
    response: { description: 'Holds at once, for waiting jobs as well', schema: bucketSchema },
  })
  async set(@Param('name') name: string, @Body() body: unknown, @Identity() identity: ApiKeyIdentity) {
    const { per_second: perSecond, burst } = parse(rateRequestSchema, body, 'body');
    await this.read(name, identity);
    await this.store(name, { perSecond, burst }, identity);
    return this.read(name, identity);
  }

  @Delete(':name')
  @HttpCode(204)
  @Operation({
    summary: 'Go back to the pace of the contract',
    tag: 'limits',
    scope: 'admin',
    status: 204,
    response: { description: 'Holds at once' },
  })
  async reset(@Param('name') name: string, @Identity() identity: ApiKeyIdentity) {
    const { source } = await this.read(name, identity);
    if (source !== 'set') throw new Problem('not_found', `No pace of ${name.slice(0, 100)} was set`);
    await this.store(name, undefined, identity);
  }

  private async store(bucket: string, rate: Rate | undefined, identity: ApiKeyIdentity): Promise<void> {
    const acrossTenants = contractRate(bucket)?.acrossTenants ?? false;
    const owner = ownerOf(identity, acrossTenants, `The bucket ${bucket}`);
    const key = bucketKey(owner, { bucket, acrossTenants });
    await inTransaction(this.database, async (tx) => {
      await setRate(tx, key, rate);
      const detail = rate && { per_second: rate.perSecond, burst: rate.burst };
      const audit = { tenantId: identity.tenantId, actor: actorOf(identity), subject: bucket, detail };
      await writeAudit(tx, { ...audit, action: rate ? 'rate.set' : 'rate.reset' });
    });
    this.engine.wake(`token:${key}`);
  }

  /** Those of the contract, whether something has used them yet or not, and those that providers made known. */
  private async views(tenantId: string) {
    const stored = await readBuckets(this.database, tenantId);
    const known = new Map(stored.map((bucket) => [bucket.key, bucket]));
    for (const { rate } of catalogue.kinds()) {
      if (!rate) continue;
      const key = bucketKey(tenantId, rate);
      if (!known.has(key)) known.set(key, { ...full, ...rate, key, now: Date.now() });
    }
    return [...known.values()].map(view).sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
