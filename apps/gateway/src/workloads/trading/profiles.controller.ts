import { Body, Controller, Get, Param, Put, UseInterceptors } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { ConnectionStore, ProfileStore, type Owner, type Profile } from '@roundhouse/trading';
import { z } from 'zod';
import { Identity } from '../../platform/access/index.js';
import { FailureInterceptor, Operation, parse } from '../../platform/http/index.js';
import { userIdSchema } from './trading-fields.js';
import { TradingSchedules } from './trading-schedules.js';

function isTimeZone(name: string): boolean {
  try {
    return name.includes('/') || name === 'UTC' ? Boolean(new Intl.DateTimeFormat('en', { timeZone: name })) : false;
  } catch {
    return false;
  }
}

const profileSchema = z
  .strictObject({
    time_zone: z.string().refine(isTimeZone, 'must be an IANA time zone like Europe/Vienna, or UTC').default('UTC'),
    currency: z
      .string()
      .regex(/^[A-Z0-9]{2,12}$/, 'must be a currency like USD')
      .default('USD'),
    lot_method: z.enum(['fifo', 'average']).default('fifo'),
    starting_equity: z
      .string('must be decimal text')
      .regex(/^\d{1,20}(\.\d{1,18})?$/, 'must be a decimal number as text, like "10000.50"')
      .nullable()
      .default(null),
  })
  .meta({ id: 'Profile' });

function view({ timeZone, currency, lotMethod, startingEquity }: Profile): z.output<typeof profileSchema> {
  return { time_zone: timeZone, currency, lot_method: lotMethod, starting_equity: startingEquity };
}

@Controller('v1/profiles')
@UseInterceptors(FailureInterceptor)
export class ProfilesController {
  constructor(
    private readonly profiles: ProfileStore,
    private readonly connections: ConnectionStore,
    private readonly schedules: TradingSchedules,
  ) {}

  @Get(':user_id')
  @Operation({
    summary: "Read a user's profile",
    tag: 'trading',
    scope: 'jobs:read',
    response: { description: 'The profile, or its defaults', schema: profileSchema },
  })
  async read(@Param('user_id') id: string, @Identity() { tenantId }: ApiKeyIdentity) {
    return view(await this.profiles.get({ tenantId, userId: parse(userIdSchema, id, 'path') }));
  }

  @Put(':user_id')
  @Operation({
    summary: "Replace a user's profile; it counts from the next scoring and digest on",
    tag: 'trading',
    scope: 'jobs:write',
    body: profileSchema,
    response: { description: 'The profile', schema: profileSchema },
  })
  async replace(@Param('user_id') id: string, @Body() body: unknown, @Identity() { tenantId }: ApiKeyIdentity) {
    const userId = parse(userIdSchema, id, 'path');
    const { time_zone, currency, lot_method, starting_equity } = parse(profileSchema, body, 'body');
    const profile = { timeZone: time_zone, currency, lotMethod: lot_method, startingEquity: starting_equity };
    const owner = { tenantId, userId };
    const stored = await this.profiles.put(owner, profile);
    await this.reschedule(owner);
    return view(stored);
  }

  /** The time zone decides when the user's week ends and the night's imports run. */
  private async reschedule(owner: Owner): Promise<void> {
    await this.schedules.weeklyDigest(owner);
    for (let cursor: string | undefined; ;) {
      const { rows, nextCursor } = await this.connections.page(owner, { limit: 100, cursor });
      for (const connection of rows) await this.schedules.dailyImport(owner, connection);
      if (!nextCursor) return;
      cursor = nextCursor;
    }
  }
}
