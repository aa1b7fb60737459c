import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { catalogue, encodeJsonPayload } from '@roundhouse/contracts';
import {
  inTransaction,
  InvalidCron,
  previewSchedule,
  reservedFields,
  ScheduleStore,
  writeAudit,
  type ApiKeyIdentity,
  type ScheduleChange,
  type StoredSchedule,
} from '@roundhouse/ledger';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { LedgerEngine } from '../engine/index.js';
import { actorOf, Identity } from '../access/index.js';
import { type FieldError, Operation, parse, parseId, Problem } from '../http/index.js';
import { asFault, restoreHidden } from '../submission/index.js';
import {
  historyQuerySchema,
  parsePreviewSpan,
  previewQuerySchema,
  scheduleChangeSchema,
  scheduleListQuerySchema,
  scheduleRequestSchema,
} from './schedule-requests.js';
import { previewSchema, previewView } from './schedule-preview-view.js';
import {
  firingSchema,
  firingView,
  readSchedulePayload,
  scheduleSchema,
  scheduleShownTo,
  scheduleView,
} from './schedule-view.js';

function invalid(errors: FieldError[]): Problem {
  return new Problem('invalid_request', `The schedule is not valid: ${errors.map((e) => e.path).join(', ')}`, {
    errors,
  });
}

function encode(tenantId: string, kind: string, payload: Record<string, unknown>): Buffer {
  const definition = catalogue.kind(kind);
  if (!definition) throw invalid([{ path: 'kind', message: `unknown job kind "${kind}"` }]);
  const encoded = encodeJsonPayload(definition.requestType, payload);
  const violations = encoded.ok ? reservedFields(tenantId, definition.requestType, encoded.bytes) : encoded.violations;
  if (!encoded.ok || violations.length > 0) throw invalid(violations.map(asFault));
  return Buffer.from(encoded.bytes);
}

/** A payload that was read, edited and sent back: what still reads "[redacted]" keeps its value. */
function restored(
  schedule: StoredSchedule,
  edited: Record<string, unknown>,
  { scopes }: ApiKeyIdentity,
): Record<string, unknown> {
  const definition = catalogue.kind(schedule.kind);
  if (!definition) return edited;
  return restoreHidden(definition.requestType, edited, readSchedulePayload(schedule), scopes);
}

/** What the database and the cron expression refuse, as the client's mistake. */
function explained(error: unknown, name: string | undefined): unknown {
  if (error instanceof InvalidCron) return invalid([{ path: 'cron', message: error.message }]);
  const { code } = error as { code?: string };
  return code === '23505' ? new Problem('conflict', `There is already a schedule named ${name}`) : error;
}

@Controller('v1/schedules')
export class SchedulesController {
  constructor(
    private readonly database: DataSource,
    private readonly store: ScheduleStore,
    private readonly engine: LedgerEngine,
  ) {}

  @Get()
  @Operation({
    summary: 'List schedules by name',
    tag: 'schedules',
    scope: 'jobs:view',
    query: scheduleListQuerySchema,
    response: {
      description: 'A page; pass `next` as `cursor` for the next one',
      schema: z.object({ schedules: z.array(scheduleSchema), next: z.string().nullable() }),
    },
  })
  async list(@Query() query: unknown, @Identity() { tenantId, scopes }: ApiKeyIdentity) {
    const { cursor, limit } = parse(scheduleListQuerySchema, query, 'query');
    const { schedules, next } = await this.store.list(tenantId, cursor, limit);
    return { schedules: schedules.map((schedule) => scheduleShownTo(scopes, schedule)), next: next ?? null };
  }

  @Post()
  @HttpCode(201)
  @Operation({
    summary: 'Create a schedule',
    tag: 'schedules',
    scope: 'schedules:admin',
    body: scheduleRequestSchema,
    status: 201,
    response: { description: 'The schedule with its next fire times', schema: scheduleSchema },
  })
  async create(@Body() body: unknown, @Identity() identity: ApiKeyIdentity) {
    const asked = parse(scheduleRequestSchema, body, 'body');
    const { tenantId } = identity;
    const { name, cron, kind, misfire, overlap } = asked;
    const payload = encode(tenantId, kind, asked.payload);
    const stored = await this.changing(name, async (tx) => {
      if (await this.store.named(tenantId, name, tx))
        throw new Problem('conflict', `There is already a schedule named ${name}`);
      const policies = {
        misfire,
        overlap,
        catchUpMax: asked.catch_up_max,
        jitterMs: Math.round(asked.jitter_seconds * 1000),
      };
      const { id } = await this.engine.schedules.put(
        { tenantId, name, cron, timeZone: asked.time_zone, kind, payload, ...policies },
        tx,
      );
      await writeAudit(tx, { ...audit(identity, id), action: 'schedule.create', detail: { name, kind, cron } });
      return this.store.find(tenantId, id, tx);
    });
    return scheduleView(stored as StoredSchedule);
  }

  @Get(':id')
  @Operation({
    summary: 'Read a schedule',
    tag: 'schedules',
    scope: 'jobs:view',
    response: { description: 'The schedule with its next fire times', schema: scheduleSchema },
  })
  async read(@Param('id') id: string, @Identity() { tenantId, scopes }: ApiKeyIdentity) {
    return scheduleShownTo(scopes, found(id, await this.store.find(tenantId, parseId(id))));
  }

  @Patch(':id')
  @Operation({
    summary: 'Change a schedule',
    tag: 'schedules',
    scope: 'schedules:admin',
    body: scheduleChangeSchema,
    response: { description: 'A new expression or zone counts from now on', schema: scheduleSchema },
  })
  async change(@Param('id') id: string, @Body() body: unknown, @Identity() identity: ApiKeyIdentity) {
    const { payload, jitter_seconds: jitter, ...rest } = parse(scheduleChangeSchema, body, 'body');
    const stored = await this.changing(rest.name, async (tx) => {
      const schedule = found(id, await this.store.find(identity.tenantId, parseId(id), tx));
      assertChangeable(schedule);
      const change: ScheduleChange = {
        ...rest,
        ...(payload && { payload: encode(identity.tenantId, schedule.kind, restored(schedule, payload, identity)) }),
        ...(jitter !== undefined && { jitter_ms: Math.round(jitter * 1000) }),
      };
      const fields = Object.keys(change);
      await writeAudit(tx, { ...audit(identity, id), action: 'schedule.change', detail: { fields } });
      return this.store.change(tx, schedule, change);
    });
    return scheduleView(stored);
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Delete a schedule and its history; its jobs stay',
    tag: 'schedules',
    scope: 'schedules:admin',
    status: 204,
    response: { description: 'It is gone' },
  })
  async remove(@Param('id') id: string, @Identity() identity: ApiKeyIdentity) {
    await inTransaction(this.database, async (tx) => {
      const schedule = found(id, await this.store.find(identity.tenantId, parseId(id), tx));
      assertChangeable(schedule);
      await this.store.remove(tx, schedule.id);
      await writeAudit(tx, { ...audit(identity, id), action: 'schedule.delete', detail: { name: schedule.name } });
    });
  }

  @Post(':id/pause')
  @HttpCode(200)
  @Operation({
    summary: 'Pause a schedule',
    tag: 'schedules',
    scope: 'schedules:admin',
    response: { description: 'Its times are skipped from now on', schema: scheduleSchema },
  })
  async pause(@Param('id') id: string, @Identity() identity: ApiKeyIdentity) {
    return this.switch(id, identity, false);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @Operation({
    summary: 'Resume a schedule',
    tag: 'schedules',
    scope: 'schedules:admin',
    response: { description: 'It fires at its next time; what was skipped stays skipped', schema: scheduleSchema },
  })
  async resume(@Param('id') id: string, @Identity() identity: ApiKeyIdentity) {
    return this.switch(id, identity, true);
  }

  @Post(':id/run')
  @HttpCode(202)
  @Operation({
    summary: 'Run a schedule now, paused or not',
    tag: 'schedules',
    scope: 'schedules:admin',
    status: 202,
    response: { description: 'The job; its own times stay as they are', schema: z.object({ job_id: z.uuid() }) },
  })
  async run(@Param('id') id: string, @Identity() identity: ApiKeyIdentity) {
    const { tenantId } = identity;
    const answer = await this.engine.schedules.runNow(tenantId, parseId(id));
    if (!answer) throw missing(id);
    const { jobId, skipped } = answer;
    if (skipped === 'reserved')
      throw new Problem('conflict', 'Its payload sets a field that is for operators alone: change the payload');
    if (!jobId) throw new Problem('conflict', 'A job of the schedule is not over, and its rules allow no second one');
    await inTransaction(this.database, (tx) =>
      writeAudit(tx, { ...audit(identity, id), action: 'schedule.run', detail: { job_id: jobId } }),
    );
    return { job_id: jobId };
  }

  @Get(':id/history')
  @Operation({
    summary: 'Read when a schedule fired and what it skipped, latest first',
    tag: 'schedules',
    scope: 'jobs:view',
    query: historyQuerySchema,
    response: {
      description: 'A page; pass `next` as `before` for the next one',
      schema: z.object({ firings: z.array(firingSchema), next: z.iso.datetime().nullable() }),
    },
  })
  async history(@Param('id') id: string, @Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const { limit, before } = parse(historyQuerySchema, query, 'query');
    const schedule = found(id, await this.store.find(tenantId, parseId(id)));
    const { firings, next } = await this.store.history(schedule.id, before, limit);
    return { firings: firings.map(firingView), next: next?.toISOString() ?? null };
  }

  @Get(':id/preview')
  @Operation({
    summary: 'Read when a schedule will fire, and where the clock of its zone changes meanwhile',
    tag: 'schedules',
    scope: 'jobs:view',
    query: previewQuerySchema,
    response: { description: 'Its times, earliest first; pass `next` as `from` for more', schema: previewSchema },
  })
  async preview(@Param('id') id: string, @Query() query: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const span = parsePreviewSpan(query);
    const schedule = found(id, await this.store.find(tenantId, parseId(id)));
    return previewView(schedule, span, previewSchedule(schedule, span));
  }

  private async switch(id: string, identity: ApiKeyIdentity, enabled: boolean) {
    const stored = await inTransaction(this.database, async (tx) => {
      const schedule = found(id, await this.store.find(identity.tenantId, parseId(id), tx));
      if (schedule.enabled === enabled) return schedule;
      await writeAudit(tx, { ...audit(identity, id), action: enabled ? 'schedule.resume' : 'schedule.pause' });
      return this.store.change(tx, schedule, { enabled });
    });
    return scheduleView(stored);
  }

  private async changing<T>(name: string | undefined, work: (tx: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await inTransaction(this.database, work);
    } catch (error) {
      throw explained(error, name);
    }
  }
}

const missing = (id: string) => new Problem('not_found', `There is no schedule ${id}`);

function found(id: string, schedule: StoredSchedule | undefined): StoredSchedule {
  if (!schedule) throw missing(id);
  return schedule;
}

function assertChangeable({ name, source }: StoredSchedule): void {
  if (source === 'code')
    throw new Problem('conflict', `The schedule ${name} comes with the running version: it can be paused, not changed`);
}

const audit = (identity: ApiKeyIdentity, id: string) => ({
  tenantId: identity.tenantId,
  actor: actorOf(identity),
  subject: id,
});
