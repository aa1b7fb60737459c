import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';

/** What is older than this is nobody's any more, whoever began it. */
const abandonedMs = 24 * 3_600_000;

/** Process ids mean something on their own machine or in their own container only. */
const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 12);

/** When a process started, in ticks since the boot: the same id may be given to another process later. */
const startOf = (stat: string): string => stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';

const ownStart = (() => {
  try {
    return startOf(readFileSync(`/proc/${process.pid}/stat`, 'latin1'));
  } catch {
    return ''; // no /proc here: age alone decides
  }
})();

/** Name of a file that is being written: it says by which process. */
export const draftName = (): string => `${host}-${process.pid}-${ownStart || 0}-${randomUUID()}`;

/** Whether the process that was writing a file is gone. */
export async function isAbandoned(name: string, ageMs: number): Promise<boolean> {
  if (ageMs > abandonedMs) return true;
  const [where, pid, start] = name.split('-');
  if (where !== host || !ownStart || !/^\d+$/.test(pid ?? '') || !/^\d+$/.test(start ?? '')) return false;
  try {
    return startOf(await readFile(`/proc/${pid}/stat`, 'latin1')) !== start;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
