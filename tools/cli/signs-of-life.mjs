import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { isListening } from './port.mjs';

/** Seconds of CPU that count as work: an idle server uses less in a minute, a starved one on a busy machine more. */
const cpuOfWork = 1;
const ticksPerSecond = 100;

/**
 * What shows that a process that is not ready yet is getting there: its log grows, it opens a port, or it and its children use CPU.
 * Time that passes is no such sign, and none is needed while another comes.
 */
export class SignsOfLife {
  constructor(record) {
    this.record = record;
    this.seen = { log: logSize(record), ports: new Set(), cpu: cpuSeconds(record.pid) };
  }

  /** True when there was a sign since it was last true. */
  async look() {
    const signs = [this.#logGrew(), this.#cpuUsed(), await this.#portOpened()];
    return signs.includes(true);
  }

  #logGrew() {
    const size = logSize(this.record);
    const grew = size !== this.seen.log;
    this.seen.log = size;
    return grew;
  }

  #cpuUsed() {
    const cpu = cpuSeconds(this.record.pid);
    // Less than before: a child has ended, and its share with it.
    if (cpu >= this.seen.cpu && cpu - this.seen.cpu < cpuOfWork) return false;
    this.seen.cpu = cpu;
    return true;
  }

  async #portOpened() {
    const ports = Object.entries(this.record).filter(([name, value]) => name.endsWith('port') && value);
    let opened = false;
    for (const [, port] of ports.filter(([, number]) => !this.seen.ports.has(number))) {
      if (!(await isListening(port))) continue;
      this.seen.ports.add(port);
      opened = true;
    }
    return opened;
  }
}

function logSize({ logFile }) {
  return logFile && existsSync(logFile) ? statSync(logFile).size : 0;
}

/** Of a process and its group: our processes lead one, and a database works in its children. */
export function cpuSeconds(pid) {
  try {
    if (process.platform !== 'linux') return fromPs(pid);
    const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return all.reduce((sum, name) => sum + ticksInGroup(name, pid), 0) / ticksPerSecond;
  } catch {
    return 0; // it has ended; whoever waits finds out
  }
}

/** /proc/<pid>/stat after the name: state, parent, group, …, and the ticks in user and system mode. */
function ticksInGroup(name, group) {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[2]) === group ? Number(fields[11]) + Number(fields[12]) : 0;
  } catch {
    return 0; // ended between the two looks
  }
}

function fromPs(group) {
  const text = execFileSync('ps', ['-A', '-o', 'pgid=,time='], { encoding: 'utf8' });
  const mine = text.split('\n').filter((line) => Number(line.trim().split(/\s+/)[0]) === group);
  return mine.reduce((sum, line) => sum + secondsOf(line.trim().split(/\s+/)[1]), 0);
}

/** "1:02:03" or "2:03.45" */
function secondsOf(time) {
  return time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0);
}
