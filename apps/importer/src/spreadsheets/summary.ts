import type { ImportState } from '@roundhouse/spreadsheets';

type Counts = Pick<ImportState, 'created' | 'updated' | 'unchanged' | 'failed' | 'dryRun'>;

/** "4 created, 2 updated, 1 failed"; what did not happen is left out. */
export function summaryOf({ created, updated, unchanged, failed, dryRun }: Counts): string {
  const parts = [
    [created, dryRun ? 'would be created' : 'created'],
    [updated, dryRun ? 'would be updated' : 'updated'],
    [unchanged, 'unchanged'],
    [failed, 'failed'],
  ] as const;
  const named = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return named.length > 0 ? named.join(', ') : 'nothing to do';
}
