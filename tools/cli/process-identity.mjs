import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The start time in clock ticks since boot: field 22. The name (field 2) may hold spaces and parentheses, so cut after its last one. */
export function startTicks(stat) {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

/** A zombie has ended; only its parent has not looked yet. */
export function isZombie(stat) {
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

/**
 * What tells this process from another that has the same pid later or after a reboot, or undefined when there is none.
 * Linux: boot id and start ticks; elsewhere the start time of `ps`.
 */
export function processIdentity(pid) {
  try {
    if (process.platform !== 'linux') {
      return (
        execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        }).trim() || undefined
      );
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    if (isZombie(stat)) return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${startTicks(stat)}`;
  } catch {
    return undefined;
  }
}

/** True when the process of this record is still running and is still that process. */
export function isSameProcess(record, identify = processIdentity) {
  return Boolean(record?.pid && record.identity && identify(record.pid) === record.identity);
}
