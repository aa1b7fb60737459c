import { Failure } from './failure.mjs';

/** What to install by hand, for the message when nothing else is possible. */
export const packages = {
  postgres: { title: 'PostgreSQL ≥ 15', apt: 'postgresql', variable: 'ROUNDHOUSE_ADMIN_DATABASE_URL' },
  rabbitmq: { title: 'RabbitMQ ≥ 3.10', apt: 'rabbitmq-server', variable: 'ROUNDHOUSE_AMQP_URL' },
  redis: { title: 'Redis', apt: 'redis-server', variable: 'ROUNDHOUSE_REDIS_URL' },
};

/**
 * Where one service comes from, first match: a URL of the environment, what an earlier start chose (its data is there), Docker Compose,
 * installed binaries, packages to install.
 *
 * @param {object} found
 * @param {string} [found.url] from the environment
 * @param {'compose' | 'binaries'} [found.remembered] chosen by an earlier start
 * @param {() => Promise<boolean>} found.compose does a container engine with Compose answer?
 * @param {() => Promise<object | undefined>} found.binaries the installed server, when there is one
 * @param {() => boolean} found.apt may packages be installed here?
 * @returns {Promise<{source: 'environment' | 'compose' | 'binaries' | 'packages' | 'none', url?: string, binaries?: object}>}
 */
export async function discover({ url, remembered, compose, binaries, apt }) {
  if (url) return { source: 'environment', url };
  if (remembered === 'binaries') {
    const installed = await binaries();
    if (installed) return { source: 'binaries', binaries: installed };
  }
  if (await compose()) return { source: 'compose' };
  const installed = await binaries();
  if (installed) return { source: 'binaries', binaries: installed };
  return apt() ? { source: 'packages' } : { source: 'none' };
}

/** One message for everything that is missing. */
export function missingMessage(names) {
  const lines = names.map(
    (name) =>
      `  ${packages[name].title} (Debian/Ubuntu: apt-get install ${packages[name].apt}), or its URL in ${packages[name].variable}`,
  );
  return [
    'Not found, and not installable from here (that takes root on Debian or Ubuntu):',
    ...lines,
    'A running Docker engine with Compose would do as well.',
  ].join('\n');
}

export function failOnMissing(choices) {
  const missing = Object.keys(choices).filter((name) => choices[name].source === 'none');
  if (missing.length > 0) throw new Failure(missingMessage(missing));
}
