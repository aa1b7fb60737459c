import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * One of processes/*.mjs as a process of its own. It gets its settings as an argument, says `{ready: true}`, and answers every
 * message with one.
 */
export async function startChild(name, settings) {
  const file = fileURLToPath(new URL(`../processes/${name}.mjs`, import.meta.url));
  const child = fork(file, [JSON.stringify(settings)]);
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`${name} ended (${signal ?? code})`);
  });
  ended.catch(() => undefined); // seen by whoever waits for an answer
  const answer = () => Promise.race([once(child, 'message').then(([message]) => message), ended]);
  await answer();
  return {
    ask(question) {
      const answered = answer();
      child.send(question);
      return answered;
    },
    async stop() {
      child.disconnect();
      await ended.catch(() => undefined);
    },
  };
}
