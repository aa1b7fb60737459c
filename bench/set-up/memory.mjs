import { readdirSync, readFileSync } from 'node:fs';

const everyMs = 50;
const pageBytes = 4096;

/** Resident memory of a process and its children, in MiB; 0 for what is gone. */
function residentMb(pid) {
  const own = (id) => {
    try {
      return (Number(readFileSync(`/proc/${id}/statm`, 'latin1').split(' ')[1]) * pageBytes) / 2 ** 20;
    } catch {
      return 0;
    }
  };
  return [pid, ...childrenOf(pid)].reduce((sum, id) => sum + own(id), 0);
}

function childrenOf(pid) {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    return tasks.flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' ').filter(Boolean),
    );
  } catch {
    return [];
  }
}

/** Watches a process with its children until the returned function is called, which gives the peak in MiB. Needs /proc. */
export function watchMemory(pid) {
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, residentMb(pid))), everyMs);
  return () => {
    clearInterval(timer);
    return peak;
  };
}
