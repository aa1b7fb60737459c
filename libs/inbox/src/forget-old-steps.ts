import type { TypeOrmInbox } from './typeorm-inbox.js';

const everyMs = 6 * 3_600_000;
/** Longer than anybody waits before a dead job is run again. */
const keptMs = 90 * 24 * 3_600_000;

/**
 * Forgets steps of more than 90 days ago: at once, and every six hours. The service that owns the schema does it for all that use it.
 * @returns what stops it
 */
export function forgetOldSteps(
  inbox: Pick<TypeOrmInbox, 'forget'>,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  const forget = () => {
    running = running.then(() => inbox.forget(new Date(Date.now() - keptMs))).catch(onError);
  };
  forget();
  const timer = setInterval(forget, everyMs).unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
