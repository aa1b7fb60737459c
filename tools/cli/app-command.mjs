import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, runAttached } from './command.mjs';
import { Failure } from './failure.mjs';
import { brokerPassword } from './broker-users.mjs';
import { projectRoot } from './home.mjs';

/** A command of an app, built beside its main.js. Each reads its URL from the environment. */
function script(name, app = 'gateway') {
  const file = join(projectRoot, `apps/${app}/dist/${name}.js`);
  if (!existsSync(file)) throw new Failure(`apps/${app}/dist/${name}.js is missing: npm run build makes it.`);
  return file;
}

// A process on a machine with twenty others takes minutes for what it does in seconds; this one is stuck.
const longestMs = 30 * 60_000;

function environment(variables) {
  return { ...process.env, ...variables };
}

async function call(what, name, args, variables, app) {
  const { code, stdout, stderr } = await run(process.execPath, ['--enable-source-maps', script(name, app), ...args], {
    cwd: projectRoot,
    env: environment(variables),
    timeoutMs: longestMs,
  });
  if (code !== 0) throw new Failure(`${what} failed (exit code ${code}):\n${`${stdout}\n${stderr}`.trim()}`);
  return stdout;
}

/** Every schema is migrated by the app that owns it; those apps have a migrate.js. Grants are part of the migrations. */
export async function migrate(ownerUrl) {
  const apps = readdirSync(join(projectRoot, 'apps')).filter((app) =>
    existsSync(join(projectRoot, `apps/${app}/dist/migrate.js`)),
  );
  for (const app of apps.sort()) {
    await call(`The migration of ${app}`, 'migrate', [], { ROUNDHOUSE_OWNER_DATABASE_URL: ownerUrl }, app);
  }
}

/** Declares what is missing; fails, and says where, when something that exists is declared differently. */
export function applyTopology(amqpUrl) {
  return call('Applying the broker topology', 'topology', ['apply'], { ROUNDHOUSE_AMQP_URL: amqpUrl });
}

/** Makes the broker's users of these services, each with its own rights. @param {Record<string, string>} passwords by service */
export function applyBrokerUsers({ url, managementUrl, passwords }) {
  const given = Object.entries(passwords).map(([app, password]) => [brokerPassword(app), password]);
  return call('Making the users of the broker', 'topology', ['users'], {
    ROUNDHOUSE_AMQP_URL: url,
    ROUNDHOUSE_RABBITMQ_MANAGEMENT_URL: managementUrl,
    ...Object.fromEntries(given),
  });
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
