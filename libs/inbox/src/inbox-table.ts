const plainName = /^[a-z_][a-z0-9_]*$/;

/** The quoted inbox table of a schema. Throws when the schema is not a plain lower-case name: it goes into SQL as it is. */
export function inboxTable(schema: string): string {
  if (!plainName.test(schema))
    throw new Error(`"${schema}" cannot be a schema: lower-case letters, digits and "_" only`);
  return `"${schema}".inbox`;
}

/** SQL for the schema's migration. */
export function createInboxSql(schema: string): string {
  return `
    create table ${inboxTable(schema)} (
      job_id  uuid        not null,
      step    text        not null,
      done_at timestamptz not null default now(),
      primary key (job_id, step)
    );
    create index inbox_done_at on ${inboxTable(schema)} (done_at);`;
}
