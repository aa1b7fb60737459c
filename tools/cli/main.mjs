import { parseArguments, usage } from './arguments.mjs';
import { Failure } from './failure.mjs';
import { print } from './output.mjs';
import { Progress } from './progress.mjs';

/** A verb is a module of the same name in verbs/, loaded only when it is called: before `npm ci` only Node itself is there. */
async function main(argv) {
  const { verb, action, words, rest, options } = parseArguments(argv);
  if (verb === 'help') return print(usage(action));
  const module = await import(`./verbs/${verb}.mjs`);
  return module[verb]({ action, words, rest, options, progress: new Progress() });
}

process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  const code = await main(process.argv.slice(2));
  process.exitCode = typeof code === 'number' ? code : 0;
} catch (error) {
  process.stderr.write(`${error instanceof Failure ? error.message : (error?.stack ?? String(error))}\n`);
  process.exitCode = error instanceof Failure ? error.exitCode : 1;
}
