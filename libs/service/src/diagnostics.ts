import { Session } from 'node:inspector/promises';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { getHeapSnapshot } from 'node:v8';

const maxProfileSeconds = 60;
/** Taking a snapshot stops the process for about a second per 100 MB and needs as much memory again. */
const maxSnapshotHeapBytes = 1024 * 1024 * 1024;

/** Asked for in a way, or at a time, in which it cannot be done. `reason` is for whoever asked. */
export class DiagnosticsRefused extends Error {
  override readonly name = 'DiagnosticsRefused';

  constructor(
    readonly kind: 'invalid' | 'busy' | 'too_large',
    reason: string,
  ) {
    super(reason);
  }
}

export interface Diagnosis {
  /** To save it under; developer tools know it by the ending. */
  fileName: string;
  content: string | Readable;
}

let busy = false;

async function alone<T>(work: () => Promise<T>): Promise<T> {
  if (busy) throw new DiagnosticsRefused('busy', 'A profile or snapshot is being taken; try again when it is done');
  busy = true;
  try {
    return await work();
  } finally {
    busy = false;
  }
}

/** Where the time goes, for Chrome's developer tools. The process runs on, some per cent slower. @param seconds 1 to 60 */
export function cpuProfile(seconds: number): Promise<Diagnosis> {
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > maxProfileSeconds) {
    throw new DiagnosticsRefused('invalid', `seconds must be a whole number from 1 to ${maxProfileSeconds}`);
  }
  return alone(async () => {
    const session = new Session();
    session.connect();
    try {
      await session.post('Profiler.enable');
      await session.post('Profiler.start');
      await sleep(seconds * 1000);
      const { profile } = await session.post('Profiler.stop');
      return { fileName: `${stamp()}.cpuprofile`, content: JSON.stringify(profile) };
    } finally {
      session.disconnect();
    }
  });
}

/** What holds the memory. It has everything in it that the process has in memory, secrets and payloads as well. */
export function heapSnapshot(maxHeapBytes = maxSnapshotHeapBytes): Promise<Diagnosis> {
  return alone(async () => {
    const { heapUsed } = process.memoryUsage();
    if (heapUsed > maxHeapBytes) {
      const megabytes = Math.round(heapUsed / 1e6);
      throw new DiagnosticsRefused(
        'too_large',
        `The heap has ${megabytes} MB: a snapshot would stop the process too long`,
      );
    }
    return { fileName: `${stamp()}.heapsnapshot`, content: getHeapSnapshot() };
  });
}

const stamp = (): string => `${process.pid}-${new Date().toISOString().replace(/[:.]/g, '-')}`;
