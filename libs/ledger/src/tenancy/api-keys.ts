import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { ApiKeyScope } from './api-key-scopes.js';

export interface ApiKeyIdentity {
  keyId: string;
  tenantId: string;
  name: string;
  scopes: ApiKeyScope[];
}

interface Row {
  id: string;
  tenant_id: string;
  name: string;
  secret_hash: Buffer;
  scopes: ApiKeyScope[];
  /** Milliseconds until it expires; null: never. */
  expires_in: number | null;
}

const keyPattern = /^rh_([0-9a-f]{16})\.([A-Za-z0-9_-]{43})$/;
const hash = (secret: string): Buffer => createHash('sha256').update(secret).digest();

const identityOf = ({ id, tenant_id: tenantId, name, scopes }: Row): ApiKeyIdentity => ({
  keyId: id,
  tenantId,
  name,
  scopes,
});

/** Keys `rh_<id>.<secret>`: found by id, compared in constant time; only the secret's hash is stored. */
export class ApiKeys {
  private readonly known = new Map<string, { row: Row | undefined; until: number }>();

  constructor(
    private readonly dataSource: DataSource,
    /** A key is looked up again after this time, so a revoked one stops working within it. */
    private readonly cacheMs = 5_000,
  ) {}

  /** Answers the key; it cannot be shown again. */
  async create(tenantId: string, name: string, scopes: readonly ApiKeyScope[], expiresAt?: Date): Promise<string> {
    const id = randomBytes(8).toString('hex');
    const secret = randomBytes(32).toString('base64url');
    await this.dataSource.query(
      `insert into ledger.api_keys (id, tenant_id, name, secret_hash, scopes, expires_at) values ($1, $2, $3, $4, $5::text[], $6)`,
      [id, tenantId, name, hash(secret), scopes, expiresAt ?? null],
    );
    return `rh_${id}.${secret}`;
  }

  async revoke(id: string): Promise<void> {
    await this.dataSource.query(`update ledger.api_keys set revoked_at = now() where id = $1`, [id]);
    this.known.delete(id);
  }

  /** Whose key it is, or undefined when it is not a valid one. */
  async authenticate(key: string): Promise<ApiKeyIdentity | undefined> {
    const [, id, secret] = keyPattern.exec(key) ?? [];
    if (!id || !secret) return undefined;
    const row = await this.find(id);
    if (!row || !timingSafeEqual(row.secret_hash, hash(secret))) return undefined;
    return identityOf(row);
  }

  /** Whom a key speaks for that was authenticated before; undefined once it has expired or was revoked. */
  async identity(id: string): Promise<ApiKeyIdentity | undefined> {
    const row = await this.find(id);
    return row && identityOf(row);
  }

  private async find(id: string): Promise<Row | undefined> {
    const cached = this.known.get(id);
    if (cached && cached.until > Date.now()) return cached.row;
    const [row] = await this.dataSource.query<Row[]>(
      `select id, tenant_id, name, secret_hash, scopes, (extract(epoch from expires_at - now()) * 1000)::float8 as expires_in
       from ledger.api_keys
       where id = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
      [id],
    );
    if (this.known.size > 10_000) this.known.clear(); // guessed ids must not fill the memory
    this.known.set(id, { row, until: Date.now() + Math.min(this.cacheMs, row?.expires_in ?? Infinity) });
    return row;
  }
}
