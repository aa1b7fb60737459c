import { readRecord, noteInRecord, startProcess } from './managed-process.mjs';
import { isSameProcess } from './process-identity.mjs';

/** Restarts in a row before it is left alone, and the life after which a process counts as well again. */
export const mostRestarts = 10;
const wellAfterMs = 10 * 60_000;
const firstDelayMs = 1_000;
const longestDelayMs = 60_000;

/** 1 s, 2 s, 4 s, … 60 s */
export function restartDelayMs(restarts) {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** restarts);
}

/**
 * Starts again what has died: whose record is there, but not its process. A record goes when somebody stops the process, so what was
 * stopped stays stopped. How often, when next and whether it was given up stands in the record, for `status`.
 */
export class Supervision {
  /**
   * @param {object} options
   * @param {{name: string, runFolder: string, restart: (facts: object) => Promise<unknown>}[]} options.subjects in the order in which they
   *   are started again
   * @param {(text: string) => void} options.say one line a change
   */
  constructor({ subjects, say, now = Date.now }) {
    this.subjects = subjects;
    this.say = say;
    this.now = now;
  }

  /** Whether anything is left to look after. */
  get hasSubjects() {
    return this.subjects.some(({ runFolder, name }) => readRecord(runFolder, name) !== undefined);
  }

  /** Whether something has died that is not given up. */
  get isNeeded() {
    return this.subjects.some((subject) => this.#dead(subject));
  }

  async round() {
    for (const subject of this.subjects) {
      const record = this.#dead(subject);
      if (record) await this.#handle(subject, record);
    }
  }

  #dead({ runFolder, name }) {
    const record = readRecord(runFolder, name);
    return record && !record.gave_up && !isSameProcess(record) ? record : undefined;
  }

  async #handle(subject, record) {
    const { name, runFolder } = subject;
    if (record.restart_at === undefined) return this.#plan(subject, record);
    if (this.now() < Date.parse(record.restart_at)) return undefined;
    const restarts = record.restarts + 1;
    const facts = { restarts, restarted_at: new Date(this.now()).toISOString() };
    try {
      await subject.restart(facts);
      noteInRecord(runFolder, name, facts);
      return this.say(`${name} is started again (${restarts} of at most ${mostRestarts})`);
    } catch (error) {
      this.say(`${name} could not be started again (${restarts} of at most ${mostRestarts}): ${error.message}`);
      return noteInRecord(runFolder, name, {
        restarts,
        restart_at: this.#at(restarts),
        gave_up: restarts >= mostRestarts,
      });
    }
  }

  #plan({ name, runFolder }, record) {
    const began = Date.parse(record.restarted_at ?? record.startedAt);
    const restarts = this.now() - began > wellAfterMs ? 0 : (record.restarts ?? 0);
    if (restarts >= mostRestarts) {
      noteInRecord(runFolder, name, { gave_up: true, restarts });
      return this.say(`${name} has died again: given up after ${restarts} restarts`);
    }
    noteInRecord(runFolder, name, { restarts, restart_at: this.#at(restarts) });
    return this.say(
      `${name} (pid ${record.pid}) has died: it is started again in ${restartDelayMs(restarts) / 1000} s`,
    );
  }

  #at(restarts) {
    return new Date(this.now() + restartDelayMs(restarts)).toISOString();
  }
}

/** A process of our own, started again as it was. @param {object} start what startProcess takes */
export function ownProcess(start) {
  const { name, runFolder } = start;
  return {
    name,
    runFolder,
    restart: (facts) => startProcess({ ...start, facts: { ...start.facts, ...facts } }),
  };
}
