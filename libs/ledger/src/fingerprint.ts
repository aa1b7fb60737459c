import { createHash } from 'node:crypto';
import type { StoredError } from './entities/job.entity.js';

// What differs from one occurrence of the same fault to the next: ids, numbers, quoted values.
const variable =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|"[^"]*"|'[^']*'|\b0x[0-9a-f]+\b|\d+(\.\d+)?/gi;
const framesThatCount = 3;

function topFrames(stack: string | undefined): string {
  const frames = (stack ?? '').split('\n').filter((line) => /^\s*at /.test(line));
  return frames
    .slice(0, framesThatCount)
    .map((line) => line.trim().replace(/:\d+:\d+\)?$/, ''))
    .join('|');
}

/** Groups deaths by their cause: the same for the same fault of the same contract version, whatever the payload. */
export function fingerprintOf(kind: string, version: number, { code, message, stack }: StoredError): string {
  const text = JSON.stringify([kind, version, code, message.replace(variable, '#'), topFrames(stack)]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
