import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from './failure.mjs';
import { ensureFolder } from './home.mjs';
import { freePort, isPortFree } from './port.mjs';

/** A password that needs no escaping in a URL, a shell or an Erlang term: 192 bits. */
export function randomSecret() {
  return randomBytes(24).toString('base64url');
}

/**
 * Ports, passwords and choices made once and remembered, in one file of mode 0600 that is replaced as a whole, so that a kill in the
 * middle of a write leaves the older one.
 */
export class Store {
  constructor(folder) {
    this.folder = folder;
    this.file = join(folder, 'state.json');
    this.values = this.#read();
  }

  #read() {
    if (!existsSync(this.file)) return {};
    try {
      return JSON.parse(readFileSync(this.file, 'utf8'));
    } catch (cause) {
      throw new Failure(
        `${this.file} is not JSON. It holds the passwords of the data beside it: restore it, or delete ${dirname(this.file)}.`,
        {
          cause,
        },
      );
    }
  }

  get(key) {
    return this.values[key];
  }

  set(key, value) {
    // Another process of ours may have written since: read again, change one key, replace.
    this.values = { ...this.#read(), [key]: value };
    ensureFolder(this.folder);
    const next = `${this.file}.${process.pid}`;
    writeFileSync(next, `${JSON.stringify(this.values, null, 2)}\n`, { mode: 0o600 });
    chmodSync(next, 0o600);
    renameSync(next, this.file);
    return value;
  }

  /** Forgets everything; the caller removes the folder. */
  clear() {
    this.values = {};
  }

  /** The remembered secret of this name; made at the first call. */
  secret(name, make = randomSecret) {
    return this.values[name] ?? this.set(name, make());
  }

  /**
   * The remembered port of this name, or another free one when a stranger has taken it meanwhile. Call it only while the process that
   * is to own the port does not run.
   */
  async port(name) {
    const remembered = this.values[name];
    if (remembered && (await isPortFree(remembered))) return remembered;
    const taken = Object.entries(this.values).filter(
      ([key, value]) => key.endsWith('port') && typeof value === 'number',
    );
    return this.set(name, await freePort(new Set(taken.map(([, value]) => value))));
  }
}
