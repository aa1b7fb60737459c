/** The variables that name services which are already there. */
export function givenUrls(env = process.env) {
  return {
    postgres: env.ROUNDHOUSE_ADMIN_DATABASE_URL || undefined,
    rabbitmq: env.ROUNDHOUSE_AMQP_URL || undefined,
    management: env.ROUNDHOUSE_RABBITMQ_MANAGEMENT_URL || undefined,
    redis: env.ROUNDHOUSE_REDIS_URL || undefined,
  };
}

/**
 * Drops URLs that are our own private instances' (`eval "$(./roundhouse services up --env)"` puts them into the shell): those are ours to
 * start and stop, and the tests must not share them.
 */
export function withoutOwn(urls, own) {
  return Object.fromEntries(
    Object.entries(urls).map(([name, url]) => [name, url && own.includes(url) ? undefined : url]),
  );
}

/** What `services up` prints: for the services' own commands and, the same instances again, for `npm run jest`. */
export function serviceVariables({ postgres, rabbitmq, redis }) {
  const variables = {};
  for (const prefix of ['ROUNDHOUSE', 'ROUNDHOUSE_TEST']) {
    if (postgres) variables[`${prefix}_ADMIN_DATABASE_URL`] = postgres.url;
    if (rabbitmq) variables[`${prefix}_AMQP_URL`] = rabbitmq.url;
    if (rabbitmq?.management_url) variables[`${prefix}_RABBITMQ_MANAGEMENT_URL`] = rabbitmq.management_url;
  }
  if (redis) variables.ROUNDHOUSE_REDIS_URL = redis.url;
  return variables;
}

/** `export NAME='value'` lines for a POSIX shell. */
export function exportLines(variables) {
  return Object.entries(variables).map(([name, value]) => `export ${name}='${String(value).replaceAll("'", `'\\''`)}'`);
}
