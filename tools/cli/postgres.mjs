import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runOrFail } from './command.mjs';
import { copyId, ensureFolder } from './home.mjs';
import { runningRecord, startProcess, stopProcess } from './managed-process.mjs';
import { waitUntilReady } from './readiness.mjs';
import { canReach, databaseUser } from './server-user.mjs';

const superuser = 'roundhouse_admin';

/**
 * A password-protected PostgreSQL of this project alone: own data, own port on 127.0.0.1, no socket file. Durable (fsync and
 * synchronous_commit on), as in production, because the tests and the benchmark are about that.
 */
export class PrivatePostgres {
  constructor({ folder, store, binaries }) {
    this.store = store;
    this.binaries = binaries;
    this.runFolder = join(folder, 'run');
    this.logFolder = join(folder, 'logs');
    this.folder = folder;
  }

  get url() {
    return `postgres://${superuser}:${this.store.get('postgres_password')}@127.0.0.1:${this.store.get('postgres_port')}/postgres`;
  }

  running() {
    return runningRecord(this.runFolder, 'postgres');
  }

  /** Starts it, with a new data folder at the first time, or waits for the one that an interrupted command left starting. @returns whether it had to be started */
  async start(update = () => {}) {
    const running = this.running();
    if (running) {
      await waitUntilReady(running, () => isReady(running.data), { everyMs: 50 });
      return false;
    }
    const user = databaseUser();
    const data = this.#dataFolder(user);
    const port = await this.store.port('postgres_port');
    if (!existsSync(join(data, 'PG_VERSION'))) {
      update('creating the PostgreSQL data folder');
      await this.#initialise(data, user);
    }
    removeStaleLock(data);
    update('starting PostgreSQL');
    ensureFolder(this.logFolder);
    const record = await startProcess({
      runFolder: this.runFolder,
      name: 'postgres',
      command: join(this.binaries.folder, 'postgres'),
      args: ['-D', data, '-p', String(port), ...settings()],
      env: serverEnvironment(),
      cwd: '/',
      ...user,
      logFile: join(this.logFolder, 'postgres.log'),
      stopSignal: 'SIGINT', // fast shutdown: open connections are closed, everything is written
      facts: { port, data },
    });
    await waitUntilReady(record, () => isReady(data), { everyMs: 50 });
    return true;
  }

  stop(options) {
    return stopProcess(this.runFolder, 'postgres', options);
  }

  /** Removes the data; for instances that live for one test run. */
  destroy() {
    const data = this.store.get('postgres_data');
    if (!data || this.running()) return;
    rmSync(data, { recursive: true, force: true });
    if (dirname(data) !== this.folder) rmSync(dirname(data), { recursive: true, force: true });
  }

  #dataFolder(user) {
    const remembered = this.store.get('postgres_data');
    if (remembered) return remembered;
    ensureFolder(this.folder);
    const wanted = join(this.folder, 'postgres');
    if (!user || canReach(wanted, user)) return this.store.set('postgres_data', wanted);
    // A fresh random name: nobody else can have put something there.
    const base = mkdtempSync(
      join(existsSync('/var/tmp') ? '/var/tmp' : tmpdir(), `roundhouse-${copyId(this.folder)}-`),
    );
    chmodSync(base, 0o711);
    return this.store.set('postgres_data', join(base, 'postgres'));
  }

  async #initialise(data, user) {
    // Left over from an initdb that was interrupted: there is no PG_VERSION, so no data of anybody's.
    rmSync(data, { recursive: true, force: true });
    ensureFolder(data, 0o700);
    const passwordFile = `${data}.password`;
    writeFileSync(passwordFile, `${this.store.secret('postgres_password')}\n`, { mode: 0o600 });
    if (user) {
      chownSync(data, user.uid, user.gid);
      chownSync(passwordFile, user.uid, user.gid);
    }
    const args = [
      '-D',
      data,
      '-U',
      superuser,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
    ];
    try {
      await runOrFail('Creating the database', join(this.binaries.folder, 'initdb'), args, {
        env: serverEnvironment(),
        cwd: '/',
        timeoutMs: 20 * 60_000, // on a very busy machine
        ...user,
      });
    } finally {
      rmSync(passwordFile, { force: true });
    }
  }
}

function settings() {
  const values = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '300',
    shared_buffers: '256MB',
    fsync: 'on',
    synchronous_commit: 'on',
    logging_collector: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Nothing of the caller's PG* variables, which would change what the server reads. */
function serverEnvironment() {
  return { PATH: process.env.PATH, LANG: 'C', LC_ALL: 'C', TZ: 'UTC' };
}

/** The postmaster writes its state into line 8 of its lock file. */
function isReady(data) {
  const file = join(data, 'postmaster.pid');
  return existsSync(file) && readFileSync(file, 'utf8').split('\n')[7]?.trim() === 'ready';
}

/**
 * After a power cut the lock file's pid may belong to another process, and PostgreSQL would refuse to start. The lock stays when that
 * process names our data folder, because then it is a postmaster on it.
 */
function removeStaleLock(data) {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = readFileSync(file, 'utf8').split('\n')[0].trim();
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(data)) return;
  } catch {
    if (process.platform !== 'linux') return;
  }
  rmSync(file, { force: true });
}
