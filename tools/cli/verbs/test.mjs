import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureChromium } from '../chromium.mjs';
import { build, installDependencies } from '../dependencies.mjs';
import { projectRoot } from '../home.mjs';
import { interruptedExitCode, withOwnServices } from '../one-run.mjs';
import { print } from '../output.mjs';
import { ensurePromtool } from '../promtool.mjs';
import { slowestFiles } from '../slowest-files.mjs';
import { isSuccess, summaryLine, testCounts } from '../test-summary.mjs';

const jest = [
  '--experimental-vm-modules',
  '--no-warnings=ExperimentalWarning',
  join(projectRoot, 'node_modules/jest/bin/jest.js'),
];

/** `test`: every test, or those of the patterns, on instances of their own. Lists the slowest files; the last line is the count. */
export async function test({ words, rest, progress }) {
  await installDependencies(progress);
  await build(progress);
  const chromium = await ensureChromium(progress);
  await ensurePromtool(progress);
  const { interrupted, value } = await withOwnServices(
    'test',
    ['postgres', 'rabbitmq'],
    progress,
    async ({ found, folder, spawnAndWait }) => {
      const resultFile = join(folder, 'jest.json');
      const args = [...jest, '--json', '--outputFile', resultFile, ...words, ...rest];
      const code = await spawnAndWait(args, { cwd: projectRoot, env: testVariables(found, chromium) });
      return { code, result: existsSync(resultFile) ? JSON.parse(readFileSync(resultFile, 'utf8')) : undefined };
    },
  );
  const { code, result } = value ?? { code: interruptedExitCode };
  const counts = testCounts(result);
  if (counts.passed + counts.failed === 0) progress.note('No test ran: that is a failure.');
  const slowest = slowestFiles(result, projectRoot);
  if (slowest.length > 0) print(['Slowest test files:', ...slowest].join('\n'));
  print(summaryLine(counts));
  if (interrupted) return interruptedExitCode;
  return code === 0 && isSuccess(counts) ? 0 : 1;
}

function testVariables({ postgres, rabbitmq }, chromium) {
  return {
    ROUNDHOUSE_TEST_ADMIN_DATABASE_URL: postgres.url,
    ROUNDHOUSE_TEST_AMQP_URL: rabbitmq.url,
    ROUNDHOUSE_TEST_BUILT: '1',
    ...(chromium ? { ROUNDHOUSE_TEST_CHROMIUM: chromium } : {}),
    ...(rabbitmq.management_url ? { ROUNDHOUSE_TEST_RABBITMQ_MANAGEMENT_URL: rabbitmq.management_url } : {}),
  };
}
