import { Controller, Get } from '@nestjs/common';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import { UserStore } from '@roundhouse/trading';
import { z } from 'zod';
import { Identity } from '../../platform/access/index.js';
import { Operation } from '../../platform/http/index.js';

const userSchema = z
  .object({
    user_id: z.string(),
    imports: z.number().int(),
    connections: z.number().int(),
    last_import_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'TradingUser' });

@Controller('v1/trading/users')
export class UsersController {
  constructor(private readonly users: UserStore) {}

  @Get()
  @Operation({
    summary: 'List users with imports or connections, whoever imported last first',
    tag: 'trading',
    scope: 'jobs:read',
    response: { description: 'At most 500', schema: z.object({ users: z.array(userSchema) }) },
  })
  async list(@Identity() { tenantId }: ApiKeyIdentity) {
    const users = await this.users.list(tenantId);
    return {
      users: users.map(({ userId, imports, connections, lastImportAt }) => ({
        user_id: userId,
        imports,
        connections,
        last_import_at: lastImportAt?.toISOString() ?? null,
      })),
    };
  }
}
