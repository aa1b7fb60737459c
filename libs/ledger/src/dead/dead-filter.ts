/** Which deaths are meant. Everything that is not given matches. */
export interface DeadFilter {
  fingerprint?: string;
  kind?: string;
  queue?: string;
  code?: string;
  /** Died at or after, died before. */
  since?: Date;
  until?: Date;
}

export interface DeadCondition {
  /** For a `where` over `ledger.jobs j`. */
  sql: string;
  parameters: unknown[];
}

/** Dead jobs of a tenant that match and have not been discarded. */
export function deadCondition(tenantId: string, filter: DeadFilter, discarded = false): DeadCondition {
  const parameters: unknown[] = [tenantId];
  const parts = [`j.tenant_id = $1`, `j.state = 'dead'`];
  if (!discarded) parts.push('j.discarded_at is null');
  const add = (condition: string, value: unknown) => {
    if (value === undefined) return;
    parameters.push(value);
    parts.push(`${condition} $${parameters.length}`);
  };
  add('j.fingerprint =', filter.fingerprint);
  add('j.kind =', filter.kind);
  add('j.queue =', filter.queue);
  add(`j.error->>'code' =`, filter.code);
  add('j.finished_at >=', filter.since);
  add('j.finished_at <', filter.until);
  return { sql: parts.join(' and '), parameters };
}
