// npm run dev:check [-- --base REV]: what is quick to check of what has changed. .ci/run checks everything.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reasonToInstall } from '../cli/dependencies.mjs';
import { Failure, UsageFailure } from '../cli/failure.mjs';
import { projectRoot } from '../cli/home.mjs';
import { print } from '../cli/output.mjs';
import { changedFiles, filesOfTree } from './changes.mjs';
import { ModuleGraph } from './module-graph.mjs';
import { sideBySide } from './side-by-side.mjs';
import { relatedSpecs } from './spec-selection.mjs';
import { stepsFor } from './steps.mjs';

const serverVariables = ['ROUNDHOUSE_TEST_ADMIN_DATABASE_URL', 'ROUNDHOUSE_TEST_AMQP_URL'];

function options() {
  try {
    return parseArgs({ options: { base: { type: 'string' } } }).values;
  } catch (error) {
    throw new UsageFailure(`${error.message}\nnpm run dev:check [-- --base REV]`);
  }
}

/** What is left out, each in a line. */
function leftOut({ servers, platform }, haveServers) {
  const files = (list) => `${list.length} spec ${list.length === 1 ? 'file' : 'files'}`;
  if (!haveServers && servers.length > 0)
    print(`– left out for want of servers: ${files(servers)}; with them: eval "$(./roundhouse services up --env)"`);
  if (platform.length > 0)
    print(
      `– left out, end to end: ${files(platform)}; with them: ./roundhouse test ${platform.length > 3 ? 'e2e' : platform.join(' ')}`,
    );
}

function show({ label, passed, seconds }) {
  print(`${passed ? '✓' : '✗'} ${label} (${seconds.toFixed(1)} s)`);
}

async function check() {
  const { base } = options();
  const reason = reasonToInstall(projectRoot);
  if (reason) throw new Failure(`${reason}: npm ci`);
  const changes = await changedFiles(projectRoot, base);
  if (changes.present.length + changes.gone.length === 0) {
    print(`Nothing has changed since ${changes.since.slice(0, 8)}: nothing to check.`);
    return 0;
  }
  const graph = new ModuleGraph(projectRoot, await filesOfTree(projectRoot), changes.gone);
  const related = relatedSpecs(graph, changes, (path) => readFileSync(join(projectRoot, path), 'utf8'));
  const haveServers = serverVariables.every((name) => process.env[name]);
  const specs = [...related.alone, ...(haveServers ? related.servers : [])];
  const outcomes = await sideBySide(stepsFor(graph, changes, specs), { cwd: projectRoot, done: show });
  leftOut(related, haveServers);
  const failed = outcomes.filter(({ passed }) => !passed);
  for (const { label, output } of failed) print(`\n── ${label}\n${output}`);
  print(failed.length > 0 ? `\nFailed: ${failed.map(({ label }) => label).join('; ')}` : 'All is well.');
  return failed.length > 0 ? 1 : 0;
}

try {
  process.exitCode = await check();
} catch (error) {
  process.stderr.write(`${error instanceof Failure ? error.message : error.stack}\n`);
  process.exitCode = error instanceof Failure ? error.exitCode : 1;
}
