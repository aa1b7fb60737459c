import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram, isExecutable } from './command.mjs';

/**
 * Debian's /usr/sbin/rabbitmq-server is a wrapper that changes to the user of the system service and reads its configuration. The
 * script it calls is what a private instance needs.
 */
export function isServiceWrapper(text) {
  return /\b(runuser|su|setpriv)\b[^\n]*rabbitmq|rabbitmq-script-wrapper/.test(text);
}

/** Only looked at, never called: `rabbitmq-server --version` starts a broker. */
function candidates() {
  const files = ['/usr/lib/rabbitmq/bin/rabbitmq-server'];
  for (const root of ['/usr/lib/rabbitmq/lib', '/opt', '/opt/rabbitmq', '/usr/local/lib/rabbitmq/lib']) {
    if (!existsSync(root)) continue;
    const versions = readdirSync(root).filter((name) => name.startsWith('rabbitmq'));
    versions.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
    files.push(...versions.map((name) => join(root, name, 'sbin/rabbitmq-server')));
  }
  files.push(
    '/opt/rabbitmq/sbin/rabbitmq-server',
    '/opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server',
    '/usr/local/opt/rabbitmq/sbin/rabbitmq-server',
  );
  const onPath = findProgram('rabbitmq-server');
  if (onPath) files.push(onPath);
  return files;
}

/** The server script and the Erlang port mapper beside its Erlang, or undefined. The version is asked of the running broker. */
export function findRabbitmq() {
  const server = candidates().find(
    (file) => isExecutable(file) && !isServiceWrapper(readFileSync(file, 'utf8').slice(0, 20_000)),
  );
  const erl = findProgram('erl');
  const epmd = findProgram('epmd') ?? (erl && epmdOf(realpathSync(erl)));
  return server && erl && epmd ? { server, epmd } : undefined;
}

/** Homebrew and source builds keep it under <erlang>/erts-<version>/bin. */
function epmdOf(erl) {
  const root = dirname(dirname(erl));
  const erts = readdirSync(root).find((name) => name.startsWith('erts-'));
  const file = erts && join(root, erts, 'bin/epmd');
  return file && isExecutable(file) ? file : undefined;
}
