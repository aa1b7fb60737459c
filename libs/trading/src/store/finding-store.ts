import type { Transaction } from '@roundhouse/jobs';
import type { WindowFinding } from '../biases/bias-tag.js';
import type { Owner, TimeSpan } from './owner.js';

const columns = `label, status, confidence, p_value as "pValue", adjusted_p_value as "adjustedPValue", features, method, n,
  baseline, insight`;

/** What every window label came to, per scored window. */
export class FindingStore {
  constructor(private readonly database: Transaction) {}

  async replaceWindow(
    tx: Transaction,
    { tenantId, userId }: Owner,
    window: TimeSpan,
    findings: readonly WindowFinding[],
  ): Promise<void> {
    const key = [tenantId, userId, window.since, window.until];
    await tx.query(
      `delete from trading.findings
        where tenant_id = $1 and user_id = $2 and since is not distinct from $3 and until is not distinct from $4`,
      key,
    );
    const column = <K extends keyof WindowFinding>(name: K) => findings.map((finding) => finding[name]);
    await tx.query(
      `insert into trading.findings (tenant_id, user_id, since, until, label, status, confidence, p_value,
         adjusted_p_value, features, method, n, baseline, insight)
       select $1, $2, $3::timestamptz, $4::timestamptz, f.*
         from unnest($5::text[], $6::text[], $7::float8[], $8::float8[], $9::float8[], $10::jsonb[], $11::text[],
              $12::int[], $13::float8[], $14::text[]) as f`,
      [
        ...key,
        column('label'),
        column('status'),
        column('confidence'),
        column('pValue'),
        column('adjustedPValue'),
        findings.map((finding) => JSON.stringify(finding.features)),
        column('method'),
        column('n'),
        column('baseline'),
        column('insight'),
      ],
    );
  }

  async ofWindow({ tenantId, userId }: Owner, window: TimeSpan): Promise<WindowFinding[]> {
    return this.database.query<WindowFinding[]>(
      `select ${columns} from trading.findings
        where tenant_id = $1 and user_id = $2 and since is not distinct from $3 and until is not distinct from $4
        order by label`,
      [tenantId, userId, window.since, window.until],
    );
  }

  /** Those of the last scoring whose window shares a moment with this one. */
  async latest({ tenantId, userId }: Owner, window: TimeSpan): Promise<WindowFinding[]> {
    return this.database.query<WindowFinding[]>(
      `with scoring as (
         select since, until from trading.findings
          where tenant_id = $1 and user_id = $2
            and (since is null or $4::timestamptz is null or since < $4)
            and (until is null or $3::timestamptz is null or until > $3)
          order by created_at desc limit 1)
       select ${columns} from trading.findings f
        where tenant_id = $1 and user_id = $2
          and exists (select from scoring s
                       where s.since is not distinct from f.since and s.until is not distinct from f.until)
        order by label`,
      [tenantId, userId, window.since, window.until],
    );
  }
}
