// `npm ci` when node_modules is missing or older than package-lock.json. A program of its own for the CI, which needs the tools before
// it calls ./roundhouse.
import { installDependencies } from './dependencies.mjs';
import { Progress } from './progress.mjs';

try {
  await installDependencies(new Progress());
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
