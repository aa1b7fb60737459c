import { JobFailure } from '@roundhouse/jobs';
import type { DataSource } from 'typeorm';
import { templateSchema, type Template } from '../template/template.js';
import { inTransaction, select } from './database.js';
import { pageOf, positionOf, type Page, type PageRequest } from './page-position.js';

export interface StoredTemplate {
  id: string;
  version: number;
  template: Template;
  createdAt: Date;
  /** Of this version. */
  versionCreatedAt: Date;
}

interface Row extends Omit<StoredTemplate, 'template'> {
  definition: unknown;
}

const columns = `t.id, v.version, v.definition, t.created_at as "createdAt", v.created_at as "versionCreatedAt"`;

// Read through the schema, so that definitions stored before a field existed get its default.
const stored = ({ definition, ...row }: Row): StoredTemplate => ({
  ...row,
  template: templateSchema.parse(definition),
});

const nameTaken = (error: unknown, name: string): unknown =>
  (error as { code?: string }).code === '23505'
    ? new JobFailure('FAILED_PRECONDITION', `There is a template "${name}" already; change that one`, { field: 'name' })
    : error;

/** Templates and all their versions. */
export class TemplateStore {
  constructor(private readonly database: DataSource) {}

  /** Throws FAILED_PRECONDITION when the name is taken. */
  async create(tenantId: string, template: Template): Promise<StoredTemplate> {
    const id = await inTransaction(this.database, async (tx) => {
      const [row] = await tx.query<{ id: string }[]>(
        `insert into spreadsheets.templates (tenant_id, name) values ($1, $2) returning id`,
        [tenantId, template.name],
      );
      await tx.query(
        `insert into spreadsheets.template_versions (template_id, version, definition) values ($1, 1, $2)`,
        [row!.id, JSON.stringify(template)],
      );
      return row!.id;
    }).catch((error: unknown) => {
      throw nameTaken(error, template.name);
    });
    return (await this.find(tenantId, id))!;
  }

  /** Adds a version; imports that run keep theirs. Undefined when there is no such template. */
  async replace(tenantId: string, id: string, template: Template): Promise<StoredTemplate | undefined> {
    await inTransaction(this.database, async (tx) => {
      const [row] = await tx.query<{ version: number }[]>(
        `update spreadsheets.templates set version = version + 1, name = $3, updated_at = now()
          where tenant_id = $1 and id = $2 and deleted_at is null returning version`,
        [tenantId, id, template.name],
      );
      if (!row) return;
      await tx.query(
        `insert into spreadsheets.template_versions (template_id, version, definition) values ($1, $2, $3)`,
        [id, row.version, JSON.stringify(template)],
      );
    }).catch((error: unknown) => {
      throw nameTaken(error, template.name);
    });
    return this.find(tenantId, id);
  }

  /** A version of a template, deleted ones among them when the version is named; by default the newest. */
  async find(tenantId: string, id: string, version = 0): Promise<StoredTemplate | undefined> {
    const [row] = await select<Row>(
      this.database,
      `select ${columns} from spreadsheets.templates t
         join spreadsheets.template_versions v on v.template_id = t.id and v.version = case when $3 = 0 then t.version else $3 end
        where t.tenant_id = $1 and t.id = $2 and (t.deleted_at is null or $3 > 0)`,
      [tenantId, id, version],
    );
    return row && stored(row);
  }

  async versions(tenantId: string, id: string): Promise<{ version: number; createdAt: Date }[]> {
    return select(
      this.database,
      `select v.version, v.created_at as "createdAt" from spreadsheets.templates t
         join spreadsheets.template_versions v on v.template_id = t.id
        where t.tenant_id = $1 and t.id = $2 and t.deleted_at is null order by v.version desc limit 1000`,
      [tenantId, id],
    );
  }

  async page(tenantId: string, { limit, cursor }: PageRequest): Promise<Page<StoredTemplate>> {
    const { before, id } = positionOf(cursor);
    const rows = await select<Row>(
      this.database,
      `select ${columns} from spreadsheets.templates t
         join spreadsheets.template_versions v on v.template_id = t.id and v.version = t.version
        where t.tenant_id = $1 and t.deleted_at is null and (t.created_at, t.id) < ($2, $3::uuid)
        order by t.created_at desc, t.id desc limit $4`,
      [tenantId, before, id, limit + 1],
    );
    return pageOf(rows.map(stored), limit);
  }

  /** Its versions stay for the imports that have them. Whether there was one. */
  async remove(tenantId: string, id: string): Promise<boolean> {
    const removed = await select(
      this.database,
      `update spreadsheets.templates set deleted_at = now()
        where tenant_id = $1 and id = $2 and deleted_at is null returning id`,
      [tenantId, id],
    );
    return removed.length > 0;
  }
}
