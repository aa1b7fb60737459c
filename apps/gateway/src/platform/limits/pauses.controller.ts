import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { catalogue } from '@roundhouse/contracts';
import {
  inTransaction,
  pause,
  pauseWait,
  readPauses,
  resume,
  writeAudit,
  type ApiKeyIdentity,
  type Pause,
} from '@roundhouse/ledger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { LedgerEngine } from '../engine/index.js';
import { actorOf, Identity, isOperator } from '../access/index.js';
import { Operation, parse, Problem } from '../http/index.js';

const scopes = ['queue', 'kind', 'tenant'] as const;

const pauseRequestSchema = z
  .strictObject({
    scope: z.enum(scopes),
    value: z.string().min(1).max(100).describe('Name of the queue or kind; of a tenant, only for operators').optional(),
    reason: z.string().min(1, 'says to whoever finds the jobs waiting why they do').max(500),
  })
  .meta({ id: 'PauseRequest' });

const pauseSchema = z
  .object({
    scope: z.enum(scopes),
    value: z.string(),
    reason: z.string(),
    paused_by: z.string(),
    paused_at: z.iso.datetime(),
    all_tenants: z.boolean().describe('Set by operators; it cannot be lifted by a tenant'),
  })
  .meta({ id: 'Pause' });

function view({ tenant_id: owner, scope, value, reason, paused_by, paused_at }: Pause): z.input<typeof pauseSchema> {
  return { scope, value, reason, paused_by, paused_at: paused_at.toISOString(), all_tenants: owner === '*' };
}

/** A name that does not exist would pause nothing and nobody would notice. */
function valueFault(scope: Pause['scope'], value: string): string | undefined {
  if (scope === 'queue' && !catalogue.queues().includes(value))
    return `unknown queue "${value}"; known queues are ${catalogue.queues().join(', ')}`;
  if (scope === 'kind' && !catalogue.kind(value)) return `unknown job kind "${value}"`;
  return undefined;
}

type PauseKey = Pick<Pause, 'tenant_id' | 'scope' | 'value'>;

/** Operators pause for all tenants, everybody else for the own one. */
function keyOf(identity: ApiKeyIdentity, scope: Pause['scope'], value: string | undefined): PauseKey {
  const operator = isOperator(identity);
  if (scope === 'tenant' && !operator && value !== undefined && value !== identity.tenantId)
    throw new Problem('forbidden', 'Your key pauses its own tenant; leave value out');
  const named = scope === 'tenant' ? (value ?? (operator ? undefined : identity.tenantId)) : value;
  const message = named === undefined ? 'is required' : valueFault(scope, named);
  if (named === undefined || message) {
    throw new Problem('invalid_request', 'The body is not valid: value', {
      errors: [{ path: 'value', message: message ?? 'is required' }],
    });
  }
  return { tenant_id: operator ? '*' : identity.tenantId, scope, value: named };
}

@Controller('v1/pauses')
export class PausesController {
  constructor(
    private readonly database: DataSource,
    private readonly engine: LedgerEngine,
  ) {}

  @Get()
  @Operation({
    summary: 'List what is paused',
    tag: 'limits',
    scope: 'jobs:view',
    response: { description: 'Oldest first', schema: z.object({ pauses: z.array(pauseSchema) }) },
  })
  async list(@Identity() identity: ApiKeyIdentity) {
    const { tenantId } = identity;
    const pauses = await readPauses(this.database, tenantId);
    const mine = (pause: Pause) => pause.scope !== 'tenant' || pause.value === tenantId || isOperator(identity);
    return { pauses: pauses.filter(mine).map(view) };
  }

  @Post()
  @HttpCode(200)
  @Operation({
    summary: 'Pause a queue, a kind or the tenant: no job starts, those that run go on',
    tag: 'limits',
    scope: 'admin',
    body: pauseRequestSchema,
    response: { description: 'Holds from the next claim on; jobs wait as blocked', schema: pauseSchema },
  })
  async pause(@Body() body: unknown, @Identity() identity: ApiKeyIdentity) {
    const { scope, value, reason } = parse(pauseRequestSchema, body, 'body');
    const key = keyOf(identity, scope, value);
    const actor = actorOf(identity);
    await inTransaction(this.database, async (tx) => {
      await pause(tx, { ...key, reason, paused_by: actor });
      await writeAudit(tx, { ...audit(identity, key), action: 'pause.set', detail: { reason } });
    });
    const stored = (await readPauses(this.database, key.tenant_id)).find((p) => pauseWait(p) === pauseWait(key));
    return view(stored ?? { ...key, reason, paused_by: actor, paused_at: new Date() });
  }

  @Delete(':scope/:value')
  @HttpCode(204)
  @Operation({
    summary: 'Resume what was paused',
    tag: 'limits',
    scope: 'admin',
    status: 204,
    response: { description: 'The waiting jobs are sent out, longest waiting first' },
  })
  async resume(@Param('scope') scope: string, @Param('value') value: string, @Identity() identity: ApiKeyIdentity) {
    const known = scopes.find((name) => name === scope);
    const key = known && { tenant_id: isOperator(identity) ? '*' : identity.tenantId, scope: known, value };
    const resumed =
      key &&
      (await inTransaction(this.database, async (tx) => {
        const changed = await resume(tx, key);
        if (changed) await writeAudit(tx, { ...audit(identity, key), action: 'pause.lift' });
        return changed;
      }));
    if (!resumed) throw new Problem('not_found', `${scope} ${value.slice(0, 100)} is not paused`);
    this.engine.wake(pauseWait(key));
  }
}

const audit = (identity: ApiKeyIdentity, { scope, value }: PauseKey) => ({
  tenantId: identity.tenantId,
  actor: actorOf(identity),
  subject: `${scope} ${value}`,
});
