import type { Transaction } from '@roundhouse/jobs';
import {
  inTransaction,
  isKnownKey,
  shownValue,
  type ImportState,
  type RecordStore,
  type RowError,
  type RowTarget,
  type SheetImportStore,
  type StoredCounts,
  type Template,
} from '@roundhouse/spreadsheets';
import type { DataSource } from 'typeorm';
import { rowsOf, withoutRows, type Batch } from './batch.js';

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
      const checked = await this.check(tx, batch, rules);
      const counts = await this.put(tx, state, checked, rules.target);
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

  private async put(tx: Transaction, state: ImportState, batch: Batch, target: RowTarget): Promise<StoredCounts> {
    if (batch.good === 0) return { created: 0, updated: 0, unchanged: 0 };
    if (state.dryRun) return this.records.foresee(tx, target, batch.rows, batch.good);
    if (state.mode === 'partial') return this.records.store(tx, target, batch.rows, batch.good);
    await this.records.stage(tx, target, batch.rows);
    return { created: 0, updated: 0, unchanged: 0 };
  }

  /** What only the database knows: keys that others refer to, and keys that must not be there. */
  private async check(tx: Transaction, batch: Batch, rules: BatchRules): Promise<Batch> {
    const references = rules.template.columns.filter(({ type }) => type === 'reference');
    const mustBeNew = rules.target.onExisting === 'fail' && rules.template.key.length > 0;
    if (batch.good === 0 || (references.length === 0 && !mustBeNew)) return batch;
    const rows = rowsOf(batch);
    const errors: RowError[] = [];
    for (const [at, { name, target }] of references.entries()) {
      const keys = [...new Set(rows.map(({ f }) => f?.[at]).filter((key) => typeof key === 'string'))];
      const targetId = await this.records.findTarget(rules.tenantId, target!);
      const missing = await this.records.missingKeys(tx, targetId, keys);
      for (const { r, f } of rows) {
        const key = f?.[at];
        if (key && missing.has(key)) errors.push(noSuchKey(r, name, key, target!));
      }
    }
    if (mustBeNew) {
      for (const { row, key } of await this.records.existing(tx, rules.target, batch.rows))
        errors.push(existsAlready(row, rules.template, key));
    }
    return withoutRows(batch, rows, errors);
  }
}

function noSuchKey(row: number, column: string, key: string, target: string): RowError {
  const value = shownValue(key);
  return { row, column, value, rule: 'reference', message: `${target} has no "${value}"; import it first` };
}

function existsAlready(row: number, template: Template, key: string): RowError {
  const value = shownValue(key.replaceAll('\u001f', ', '));
  const message = `${template.target} has "${value}" already`;
  return { row, column: template.key[0] ?? '', value, rule: 'exists', message };
}
