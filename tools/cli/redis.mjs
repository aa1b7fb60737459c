import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureFolder } from './home.mjs';
import { runningRecord, startProcess, stopProcess } from './managed-process.mjs';
import { waitUntilReady } from './readiness.mjs';
import { isListening } from './port.mjs';

/** A Redis of this project alone, only for the benchmark's peer. Persistence is what the benchmark sets; the default is none. */
export class PrivateRedis {
  constructor({ folder, store, binaries }) {
    this.store = store;
    this.binaries = binaries;
    this.folder = join(folder, 'redis');
    this.runFolder = join(folder, 'run');
    this.logFolder = join(folder, 'logs');
  }

  get url() {
    return `redis://:${this.store.get('redis_password')}@127.0.0.1:${this.store.get('redis_port')}`;
  }

  running() {
    return runningRecord(this.runFolder, 'redis');
  }

  async start(update = () => {}) {
    if (this.running()) return false;
    const port = await this.store.port('redis_port');
    ensureFolder(this.folder, 0o700);
    ensureFolder(this.logFolder);
    update('starting Redis');
    // A file, so that the password does not stand in the process list.
    const configuration = join(this.folder, 'redis.conf');
    const lines = [`port ${port}`, 'bind 127.0.0.1', `dir ${JSON.stringify(this.folder)}`, 'save ""', 'appendonly no'];
    lines.push(`requirepass ${this.store.secret('redis_password')}`);
    writeFileSync(configuration, `${lines.join('\n')}\n`, { mode: 0o600 });
    const record = await startProcess({
      runFolder: this.runFolder,
      name: 'redis',
      command: this.binaries.server,
      args: [configuration],
      env: { PATH: process.env.PATH, LANG: 'C' },
      cwd: this.folder,
      logFile: join(this.logFolder, 'redis.log'),
      facts: { port },
    });
    await waitUntilReady(record, () => isListening(port), { everyMs: 50 });
    return true;
  }

  stop(options) {
    return stopProcess(this.runFolder, 'redis', options);
  }
}
