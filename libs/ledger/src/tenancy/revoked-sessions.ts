import type { DataSource } from 'typeorm';

/**
 * Sessions that were logged out. Few are, and those that have expired are forgotten: every process keeps all of them in
 * memory and reads them again when it is asked and the last reading is older than `refreshMs`. So what another gateway
 * has revoked holds here within that time.
 */
export class RevokedSessions {
  private ids = new Set<string>();
  private readUntil = 0;
  private reading: Promise<void> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly refreshMs = 5_000,
  ) {}

  async revoke(id: string, expiresAt: Date): Promise<void> {
    await this.dataSource.query(
      `insert into ledger.revoked_sessions (id, expires_at) values ($1, $2) on conflict do nothing`,
      [id, expiresAt],
    );
    this.ids.add(id);
  }

  async has(id: string): Promise<boolean> {
    if (Date.now() >= this.readUntil) await this.refresh();
    return this.ids.has(id);
  }

  private refresh(): Promise<void> {
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async read(): Promise<void> {
    const known = new Set(this.ids);
    const rows = await this.dataSource.query<{ id: string }[]>(
      `select id from ledger.revoked_sessions where expires_at > clock_timestamp()`,
    );
    const fresh = new Set(rows.map((row) => row.id));
    // Revoked here while the rows were read.
    for (const id of this.ids) if (!known.has(id)) fresh.add(id);
    this.ids = fresh;
    this.readUntil = Date.now() + this.refreshMs;
  }
}

export async function forgetRevokedSessions(dataSource: DataSource): Promise<void> {
  await dataSource.query(`delete from ledger.revoked_sessions where expires_at < clock_timestamp()`);
}
