import { join } from 'node:path';
import { givenUrls, withoutOwn } from './environment.mjs';
import { homeFolder } from './home.mjs';
import { Services } from './services.mjs';

/** URLs of the set in this folder, as its state remembers them, whether it runs or not. */
function ownUrls(folder, progress) {
  const { store, compose } = new Services({ folder, progress });
  if (!store.get('postgres_password') && !store.get('rabbitmq_password')) return [];
  // Private instances and containers share names, ports and passwords, so these are the URLs of either.
  return [compose.postgresUrl, compose.rabbitmqUrl, compose.managementUrl];
}

export const upFolder = join(homeFolder, 'services');

/** The services of `up`, `demo` and `services up`. */
export function upServices(progress, env = process.env) {
  return new Services({ folder: upFolder, urls: withoutOwn(givenUrls(env), ownUrls(upFolder, progress)), progress });
}

/** The services of one run of the tests or the benchmark in `folder`: ROUNDHOUSE_TEST_* first, then what the environment gives for everything. */
export function testServices(folder, progress, env = process.env) {
  const forTests = {
    ROUNDHOUSE_ADMIN_DATABASE_URL: env.ROUNDHOUSE_TEST_ADMIN_DATABASE_URL ?? env.ROUNDHOUSE_ADMIN_DATABASE_URL,
    ROUNDHOUSE_AMQP_URL: env.ROUNDHOUSE_TEST_AMQP_URL ?? env.ROUNDHOUSE_AMQP_URL,
    ROUNDHOUSE_RABBITMQ_MANAGEMENT_URL:
      env.ROUNDHOUSE_TEST_RABBITMQ_MANAGEMENT_URL ?? env.ROUNDHOUSE_RABBITMQ_MANAGEMENT_URL,
    ROUNDHOUSE_REDIS_URL: env.ROUNDHOUSE_REDIS_URL,
  };
  return new Services({ folder, urls: withoutOwn(givenUrls(forTests), ownUrls(upFolder, progress)), progress });
}
