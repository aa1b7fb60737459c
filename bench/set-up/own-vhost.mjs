/**
 * A virtual host for this run alone, made through the management API. Without one the URL is used as it is: then its virtual host
 * should be empty.
 */
export async function createVhost(amqpUrl, managementUrl, name) {
  if (!managementUrl) return { url: amqpUrl, drop: async () => {} };
  const amqp = new URL(amqpUrl);
  amqp.pathname = `/${name}`;
  await call(managementUrl, 'PUT', `/vhosts/${name}`);
  const all = { configure: '.*', write: '.*', read: '.*' };
  await call(managementUrl, 'PUT', `/permissions/${name}/${amqp.username || 'guest'}`, all);
  return { url: amqp.href, drop: () => call(managementUrl, 'DELETE', `/vhosts/${name}`) };
}

async function call(managementUrl, method, path, body) {
  const { origin, username, password } = new URL(managementUrl);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const response = await fetch(`${origin}/api${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: body && JSON.stringify(body),
  });
  if (!response.ok)
    throw new Error(`RabbitMQ answered ${response.status} to ${method} ${path}: ${await response.text()}`);
}
