import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { builtApps, codeOf, startApplication, storageFolder } from './application.mjs';
import { ensureDatabase } from './database.mjs';
import { build, installDependencies } from './dependencies.mjs';
import { Failure } from './failure.mjs';
import { applyBrokerUsers, applyTopology, createApiKey } from './app-command.mjs';
import { brokerPasswords, brokerUrls } from './broker-users.mjs';
import { homeFolder, projectRoot } from './home.mjs';
import { upFolder, upServices } from './instances.mjs';
import { diagnosticsTokens, keyRing } from './key-ring.mjs';
import { withLock } from './lock.mjs';
import { migrateWhenNeeded } from './migrations.mjs';
import { Store } from './store.mjs';
import { timedFetch } from './timed-fetch.mjs';

/** Role passwords, the keys by purpose, the services' ports and the API key of this copy. */
export function platformStore() {
  return new Store(homeFolder);
}

/** The folders with <SYMBOL>.csv bars that the scorer reads, the shipped sample last. */
export function marketFolders(extra = []) {
  const shipped = join(projectRoot, 'examples/trading/bars');
  return [...new Set([...extra, ...(existsSync(shipped) ? [shipped] : [])])];
}

/**
 * All set-up, then every service as a process of its own: dependencies, build, PostgreSQL and RabbitMQ, database and roles, migrations,
 * topology, services, API key. What is there already is left as it is.
 * @param {{extraMarketFolders?: string[]}} [options] folders of bars for this run, before the shipped ones
 * @returns {Promise<{url: string, apiKey: string, keyFile: string, services: object}>}
 */
export async function startPlatform(progress, { extraMarketFolders } = {}) {
  await installDependencies(progress);
  await build(progress);
  return withLock(join(upFolder, 'lock'), progress, async () => {
    const store = platformStore();
    const { postgres, rabbitmq } = await upServices(progress).up(['postgres', 'rabbitmq']);
    const code = codeOf(projectRoot);
    const { urls } = await progress.step('migrating the database', async () => {
      const roleUrls = await ensureDatabase(postgres.url, store);
      const migrated = await migrateWhenNeeded(roleUrls.owner, code, store);
      return {
        urls: roleUrls,
        summary: migrated ? 'the database is migrated' : 'the database is as the services need it',
      };
    });
    const apps = builtApps();
    if (!apps.includes('gateway')) throw new Failure('apps/gateway/dist/main.js is missing after the build.');
    const amqpUrls = await progress.step('applying the broker topology', () => setUpBroker(rabbitmq, apps, store));
    if (extraMarketFolders) store.set('market_folders', extraMarketFolders);
    const settings = {
      urls,
      code,
      amqpUrl: rabbitmq.url,
      amqpUrls,
      keys: keyRing(store, earlierKeys(store)),
      diagnosticsTokens: diagnosticsTokens(store),
      marketFolders: marketFolders(store.get('market_folders')?.filter(existsSync)),
      storage: storageFolder,
    };
    // Before the services: whatever becomes of their start, the key is there.
    const remembered = store.get('api_key');
    if (!remembered) await newApiKey(urls.gateway, store);
    const { services } = await progress.step(`starting ${apps.join(', ')}`, async (update) => ({
      services: await startApplication(apps, settings, store, update),
      summary: `${apps.join(', ')} are ready`,
    }));
    const url = `http://127.0.0.1:${services.gateway.http_port}`;
    if (remembered && !(await isAccepted(url, remembered))) await newApiKey(urls.gateway, store);
    return { url, apiKey: store.get('api_key'), keyFile: store.file, services };
  });
}

/**
 * Topology, and a user for every service. A broker that the environment names is somebody's own: who may make users there, and which, is not ours to say.
 * @returns {Promise<Record<string, string>>} each service's own URL
 */
async function setUpBroker(rabbitmq, apps, store) {
  if (rabbitmq.source === 'environment') {
    await applyTopology(rabbitmq.url);
    return {};
  }
  const { url, management_url: managementUrl } = rabbitmq;
  const passwords = brokerPasswords(apps, store);
  await Promise.all([applyTopology(url), applyBrokerUsers({ url, managementUrl, passwords })]);
  return brokerUrls(url, passwords);
}

/** Of a version that had one key for everything, remembered or given by the caller. */
function earlierKeys(store, env = process.env) {
  const given = [env.ROUNDHOUSE_ENCRYPTION_KEY, ...(env.ROUNDHOUSE_PREVIOUS_ENCRYPTION_KEYS ?? '').split(',')];
  return [...given, store.get('encryption_key')].filter(Boolean).map((key) => key.trim());
}

/** When none is remembered, or the database does not know that one any more. */
async function newApiKey(databaseUrl, store) {
  store.set('api_key', await createApiKey(databaseUrl));
}

async function isAccepted(url, key) {
  const headers = { authorization: `Bearer ${key}` };
  const { status } = await timedFetch(`${url}/v1/jobs?limit=1`, { headers, timeoutMs: 30_000 });
  return status !== 401;
}
