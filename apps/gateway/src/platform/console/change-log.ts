import { randomBytes } from 'node:crypto';

interface Entry {
  seq: number;
  jobId: string;
}

const cursorPattern = /^([0-9a-f]{8})-(\d{1,15})$/;

/** Whether a cursor can be one of ours, or another gateway's. */
export const isChangeCursor = (text: string): boolean => cursorPattern.test(text);

/**
 * The jobs that changed last, in order, so that a viewer who was away for a moment is told what he has missed. It is this
 * process's: the cursor of another one, or of before a restart, says nothing here.
 */
export class ChangeLog {
  private readonly entries: Entry[] = [];
  private readonly boot = randomBytes(4).toString('hex');
  private seq = 0;
  /** The newest entry that is not kept any more. */
  private forgotten = 0;

  constructor(private readonly capacity = 5_000) {}

  get cursor(): string {
    return `${this.boot}-${this.seq}`;
  }

  add(jobIds: Iterable<string>): void {
    for (const jobId of jobIds) this.entries.push({ seq: (this.seq += 1), jobId });
    const gone = this.entries.splice(0, Math.max(0, this.entries.length - this.capacity));
    this.forgotten = gone.at(-1)?.seq ?? this.forgotten;
  }

  /** Jobs that changed after `cursor`; undefined when that cannot be told. */
  since(cursor: string): string[] | undefined {
    const [, boot, seq] = cursorPattern.exec(cursor) ?? [];
    if (boot !== this.boot || Number(seq) < this.forgotten || Number(seq) > this.seq) return undefined;
    return [...new Set(this.entries.filter((entry) => entry.seq > Number(seq)).map(({ jobId }) => jobId))];
  }
}
