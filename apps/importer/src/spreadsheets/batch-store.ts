import {
  inTransaction,
  isKnownKey,
  shownValue,
  type ImportState,
  type RecordStore,
  type RowError,
  type RowTarget,
  type SheetImportStore,
  type SheetTransaction,
  type StoredCounts,
  type TargetTables,
  type Template,
} from '@roundhouse/spreadsheets';
import type { DataSource } from 'typeorm';
import { withFailed, type Batch } from './batch.js';

/** What the rows of an import go through on their way into the database. */
export interface BatchRules {
  template: Template;
  target: RowTarget;
  tenantId: string;
  sheet: string;
}

/** Stores batches: rows, row errors, counts and the cursor behind them in one transaction, each batch once. */
export class BatchStore {
  constructor(
    private readonly database: DataSource,
    private readonly imports: SheetImportStore,
    private readonly records: RecordStore,
    private readonly tables: TargetTables,
  ) {}

  /** Undefined when the cursor is not at `from` any more: another run of the same job has overtaken this one. */
  async store(from: ImportState, batch: Batch, rules: BatchRules): Promise<ImportState | undefined> {
    try {
      return await this.storeOnce(from, batch, rules);
    } catch (error) {
      if (!rules.target.expectNew || !isKnownKey(error)) throw error;
      rules.target.expectNew = false;
      return this.storeOnce(from, batch, rules);
    }
  }

  private async storeOnce(from: ImportState, batch: Batch, rules: BatchRules): Promise<ImportState | undefined> {
    return inTransaction(this.database, async (tx) => {
      const state = await this.imports.lock(tx, from.id);
      if (state.cursorRow !== from.cursorRow || state.status !== 'processing') return undefined;
      const { checked, counts } = await this.put(tx, state, batch, rules);
      await this.imports.addFailures(tx, state.id, rules.sheet, checked.errors, checked.failed);
      const { through, read, failed } = checked;
      return this.imports.advance(tx, state.id, { through, rows: read, failed: failed.length, ...counts });
    });
  }

  /** Ends an import that stores all or nothing: everything at once, with the counts. */
  async storeStaged(from: ImportState, target: RowTarget): Promise<ImportState | undefined> {
    return inTransaction(this.database, async (tx) => {
      const state = await this.imports.lock(tx, from.id);
      if (state.cursorRow !== from.cursorRow || state.created + state.updated + state.unchanged > 0) return undefined;
      const counts = await this.records.storeStaged(tx, target);
      return this.imports.advance(tx, state.id, { through: state.cursorRow, rows: 0, failed: 0, ...counts });
    });
  }

  /** Forgets what an import that has failed or was cancelled had kept for its end. */
  async dropStaged(importId: string): Promise<void> {
    await inTransaction(this.database, (tx) => this.records.dropStaged(tx, importId));
  }

  private async put(
    tx: SheetTransaction,
    state: ImportState,
    batch: Batch,
    rules: BatchRules,
  ): Promise<{ checked: Batch; counts: StoredCounts }> {
    const { target } = rules;
    if (batch.good === 0) return { checked: batch, counts: nothing };
    if (state.mode === 'partial' && !state.dryRun && target.expectNew && !target.withCells) {
      await this.records.insert(tx, target, batch.lines);
      return { checked: batch, counts: { ...nothing, created: batch.good } };
    }
    await this.records.receive(tx, target, batch.lines);
    const checked = target.withCells ? await this.check(tx, batch, rules) : batch;
    if (state.dryRun) return { checked, counts: await this.records.foresee(tx, target, checked.good) };
    if (state.mode === 'partial') return { checked, counts: await this.records.store(tx, target, checked.good) };
    await this.records.stage(tx);
    return { checked, counts: nothing };
  }

  /** What only the database knows: keys that others refer to, and keys that must not be there. */
  private async check(tx: SheetTransaction, batch: Batch, { template, target, tenantId }: BatchRules): Promise<Batch> {
    const errors: RowError[] = [];
    for (const { name, type, target: referred } of template.columns) {
      if (type !== 'reference' || !target.columns.has(name)) continue;
      const table = await this.tables.find(tenantId, referred!, tx);
      for (const { row, key } of await this.records.dangling(tx, name, table))
        errors.push(noSuchKey(row, name, key, referred!));
    }
    if (target.onExisting === 'fail' && template.key.length > 0)
      for (const { row, key } of await this.records.existing(tx, target))
        errors.push(existsAlready(row, template, key));
    if (errors.length === 0) return batch;
    const rows = [...new Set(errors.map(({ row }) => row))];
    return withFailed(batch, errors, await this.records.reject(tx, rows));
  }
}

const nothing: StoredCounts = { created: 0, updated: 0, unchanged: 0 };

function noSuchKey(row: number, column: string, key: string, target: string): RowError {
  const value = shownValue(key);
  return { row, column, value, rule: 'reference', message: `${target} has no "${value}"; import it first` };
}

function existsAlready(row: number, template: Template, key: string): RowError {
  const value = shownValue(key.replaceAll('\u001f', ', '));
  const message = `${template.target} has "${value}" already`;
  return { row, column: template.key[0] ?? '', value, rule: 'exists', message };
}
