import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run, runAttached } from './command.mjs';
import { Failure } from './failure.mjs';
import { projectRoot } from './home.mjs';

/** The gateway's own commands, built beside its main.js. Each reads its URL from the environment. */
function script(name) {
  const file = join(projectRoot, `apps/gateway/dist/${name}.js`);
  if (!existsSync(file)) throw new Failure(`apps/gateway/dist/${name}.js is missing: npm run build makes it.`);
  return file;
}

function environment(variables) {
  return { ...process.env, ...variables };
}

async function call(what, name, args, variables) {
  const { code, stdout, stderr } = await run(process.execPath, ['--enable-source-maps', script(name), ...args], {
    cwd: projectRoot,
    env: environment(variables),
    timeoutMs: 5 * 60_000,
  });
  if (code !== 0) throw new Failure(`${what} failed (exit code ${code}):\n${`${stdout}\n${stderr}`.trim()}`);
  return stdout;
}

/** Applies every migration and the grants of the roles. */
export function migrate(ownerUrl) {
  return call('The migration', 'migrate', [], { ROUNDHOUSE_OWNER_DATABASE_URL: ownerUrl });
}

/** Declares what is missing; fails, and says where, when something that exists is declared differently. */
export function applyTopology(amqpUrl) {
  return call('Applying the broker topology', 'topology', ['apply'], { ROUNDHOUSE_AMQP_URL: amqpUrl });
}

/** plan, apply or verify on this terminal. @returns {Promise<number>} its exit code */
export async function topologyOnTerminal(action, json, amqpUrl) {
  const args = [script('topology'), action, ...(json ? ['--json'] : [])];
  const { code } = await runAttached(process.execPath, args, {
    cwd: projectRoot,
    env: environment({ ROUNDHOUSE_AMQP_URL: amqpUrl }),
  });
  return code;
}

/** A key of the default tenant with every scope. @returns {Promise<string>} */
export async function createApiKey(databaseUrl) {
  const args = ['create', '--tenant', 'default', '--name', 'cli', '--scopes', 'admin', '--json'];
  const output = await call('Creating an API key', 'api-key', args, { ROUNDHOUSE_DATABASE_URL: databaseUrl });
  const { key } = JSON.parse(
    output.trim().split('\n').at(-1).startsWith('{') ? output.trim().split('\n').at(-1) : output,
  );
  if (typeof key !== 'string' || key === '') throw new Failure('Creating an API key printed no key.');
  return key;
}
