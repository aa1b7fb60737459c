import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureFolder, homeFolder, projectRoot } from './home.mjs';
import { runningRecord, startProcess, stopProcess } from './managed-process.mjs';

// Not among the services: it is none, and is stopped before them.
const runFolder = join(homeFolder, 'supervisor');
const logFile = join(homeFolder, 'logs/supervisor.log');
const name = 'supervisor';

/** From now on what dies of these is started again. Their environment is handed over in memory: it is nobody else's to read. */
export async function startSupervisor(starts) {
  ensureFolder(join(homeFolder, 'logs'));
  await startProcess({
    runFolder,
    name,
    command: process.execPath,
    args: [fileURLToPath(new URL('./supervisor-main.mjs', import.meta.url))],
    env: process.env,
    cwd: projectRoot,
    logFile,
    input: JSON.stringify(starts),
  });
}

export function stopSupervisor() {
  return stopProcess(runFolder, name, { deadlineMs: 5_000 });
}

export function supervisorStatus() {
  const record = runningRecord(runFolder, name);
  return record ? { running: true, pid: record.pid, log: logFile } : { running: false };
}
