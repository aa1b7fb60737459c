import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Temporary files. Every process has a folder named by its pid, every task one in it, removed when the task is over. What a
 * killed process has left is swept when the next one starts.
 */
export class WorkFolder {
  private readonly own: string;

  constructor(private readonly root = join(tmpdir(), 'roundhouse-mesh')) {
    this.own = join(root, String(process.pid));
  }

  /** Removes the folders of processes that are gone, and what an earlier process of this pid has left. Answers how many. */
  async sweep(): Promise<number> {
    const names = await readdir(this.root).catch(() => []); // there is none before the first task
    const left = names.filter((name) => /^\d+$/.test(name) && (Number(name) === process.pid || !isAlive(Number(name))));
    await Promise.all(left.map((name) => rm(join(this.root, name), { recursive: true, force: true })));
    return left.length;
  }

  /** Runs a task with a folder that exists for as long. */
  async use<T>(task: (folder: string) => Promise<T>): Promise<T> {
    await mkdir(this.own, { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(join(this.own, 'task-'));
    try {
      return await task(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async remove(): Promise<void> {
    await rm(this.own, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
