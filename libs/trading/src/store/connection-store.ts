import { JobFailure, type Transaction } from '@roundhouse/jobs';
import { randomUUID } from 'node:crypto';
import type { CredentialCipher } from './credential-cipher.js';
import type { Owner } from './owner.js';
import { decodePageCursor, pageOf, type Page, type PageRequest } from './page-cursor.js';

/** A broker account as it may be shown: without its credentials. */
export interface Connection {
  id: string;
  userId: string;
  /** Adapter name, e.g. 'alpaca'. */
  broker: string;
  /** The user's name for it, unique for the user. */
  name: string;
  /** What the adapter needs besides credentials, e.g. symbols or a base URL. */
  settings: Record<string, unknown>;
  createdAt: Date;
  updatedAt: Date;
}

export interface ConnectionInput {
  broker: string;
  name: string;
  settings: Record<string, unknown>;
  credentials: Record<string, string>;
}

const uniqueViolation = '23505';

const columns = `id, user_id as "userId", broker, name, settings, created_at as "createdAt", updated_at as "updatedAt"`;

/** Credentials go in and come out only for an import; no query that lists connections reads them. */
export class ConnectionStore {
  constructor(
    private readonly database: Transaction,
    private readonly cipher: CredentialCipher,
  ) {}

  /** Undefined when the user has a connection of that name already. */
  async create({ tenantId, userId }: Owner, input: ConnectionInput): Promise<Connection | undefined> {
    const id = randomUUID();
    const sealed = this.cipher.seal({ tenantId, connectionId: id }, input.credentials);
    const [created] = await this.database.query<Connection[]>(
      `insert into trading.connections (id, tenant_id, user_id, broker, name, settings, credentials)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (tenant_id, user_id, name) do nothing
       returning ${columns}`,
      [id, tenantId, userId, input.broker, input.name, JSON.stringify(input.settings), sealed],
    );
    return created;
  }

  async find(tenantId: string, id: string): Promise<Connection | undefined> {
    const [found] = await this.database.query<Connection[]>(
      `select ${columns} from trading.connections where tenant_id = $1 and id = $2`,
      [tenantId, id],
    );
    return found;
  }

  /** Newest first. */
  async page({ tenantId, userId }: Owner, { limit, cursor }: PageRequest): Promise<Page<Connection>> {
    const after = decodePageCursor(cursor);
    const rows = await this.database.query<Connection[]>(
      `select ${columns} from trading.connections
        where tenant_id = $1 and user_id = $2
          and ($3::timestamptz is null or (created_at, id) < ($3, $4::uuid))
        order by created_at desc, id desc limit $5`,
      [tenantId, userId, after?.at, after?.id, limit + 1],
    );
    return pageOf(rows, limit, ({ createdAt, id }) => ({ at: createdAt, id }));
  }

  /** Changes what is given. Undefined when there is no such connection; FAILED_PRECONDITION when the name is taken. */
  async update(
    tenantId: string,
    id: string,
    change: Partial<Pick<ConnectionInput, 'name' | 'settings' | 'credentials'>>,
  ): Promise<Connection | undefined> {
    const sealed = change.credentials && this.cipher.seal({ tenantId, connectionId: id }, change.credentials);
    const [changed] = await this.database
      .query<Connection[]>(
        `with changed as (
         update trading.connections
            set name = coalesce($3, name), settings = coalesce($4::jsonb, settings),
                credentials = coalesce($5, credentials), updated_at = now()
          where tenant_id = $1 and id = $2
         returning *)
       select ${columns} from changed`,
        [tenantId, id, change.name, change.settings && JSON.stringify(change.settings), sealed],
      )
      .catch((cause: unknown) => {
        if ((cause as { driverError?: { code?: string } }).driverError?.code !== uniqueViolation) throw cause;
        throw new JobFailure('FAILED_PRECONDITION', `The user has another connection called ${change.name}`, {
          cause,
          field: 'name',
        });
      });
    return changed;
  }

  /** Whether there was one. Fills imported through it stay. */
  async remove(tenantId: string, id: string): Promise<boolean> {
    const removed = await this.database.query<unknown[]>(
      `with removed as (delete from trading.connections where tenant_id = $1 and id = $2 returning id)
       select id from removed`,
      [tenantId, id],
    );
    return removed.length > 0;
  }

  /** For an import: undefined when there is no such connection; FAILED_PRECONDITION when the credentials cannot be opened. */
  async credentials(tenantId: string, id: string): Promise<Record<string, string> | undefined> {
    const [found] = await this.database.query<{ credentials: string }[]>(
      `select credentials from trading.connections where tenant_id = $1 and id = $2`,
      [tenantId, id],
    );
    return found && this.cipher.open({ tenantId, connectionId: id }, found.credentials);
  }

  /** After a key rotation: seals what an earlier key sealed with the current one. What cannot be opened is counted and stays. */
  async sealAgain(): Promise<{ sealed: number; unreadable: number }> {
    const rows = await this.database.query<{ id: string; tenantId: string; credentials: string }[]>(
      `select id, tenant_id as "tenantId", credentials from trading.connections
        where split_part(credentials, '.', 2) <> $1`,
      [this.cipher.currentKeyId],
    );
    const again = rows.flatMap(({ id, tenantId, credentials }) => {
      const sealed = this.cipher.sealAgain({ tenantId, connectionId: id }, credentials);
      return sealed === undefined ? [] : [{ id, was: credentials, sealed }];
    });
    // Only where nobody has entered new credentials meanwhile.
    await this.database.query(
      `update trading.connections c set credentials = new.sealed
         from unnest($1::uuid[], $2::text[], $3::text[]) as new(id, was, sealed)
        where c.id = new.id and c.credentials = new.was`,
      [again.map((row) => row.id), again.map((row) => row.was), again.map((row) => row.sealed)],
    );
    return { sealed: again.length, unreadable: rows.length - again.length };
  }
}
