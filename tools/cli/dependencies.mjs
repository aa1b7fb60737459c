import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runOrFail } from './command.mjs';
import { Failure } from './failure.mjs';
import { projectRoot } from './home.mjs';

const fifteenMinutes = 15 * 60_000;

function hash(text) {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * True when everything the lock file asks for is installed in its version, as npm itself recorded in node_modules/.package-lock.json.
 * Optional packages may be missing: most are for another platform.
 */
export function matchesLock(lock, installed) {
  return Object.entries(lock.packages ?? {}).every(([path, { version, link, optional }]) => {
    if (!path.startsWith('node_modules/') || link) return true;
    const found = installed.packages?.[path];
    return found ? found.version === version : Boolean(optional);
  });
}

/** Why `npm ci` is needed, or undefined. A stamp beside the modules saves comparing the two lock files each time. */
export function reasonToInstall(folder) {
  const lockText = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  const recordFile = join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(recordFile)) return 'node_modules is missing';
  const stampFile = join(folder, 'node_modules/.roundhouse-lock-hash');
  const recordText = readFileSync(recordFile, 'utf8');
  const stamp = hash(lockText + recordText);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return undefined;
  if (!matchesLock(JSON.parse(lockText), JSON.parse(recordText))) return 'package-lock.json has changed';
  writeFileSync(stampFile, stamp);
  return undefined;
}

/** npm of the Node that runs us, so that another one on the PATH does not build native modules for itself. */
function npmCommand() {
  for (const cli of ['../lib/node_modules/npm/bin/npm-cli.js', '../share/nodejs/npm/bin/npm-cli.js']) {
    const file = join(dirname(process.execPath), cli);
    if (existsSync(file)) return [process.execPath, file];
  }
  return ['npm'];
}

export async function installDependencies(progress, folder = projectRoot) {
  const reason = reasonToInstall(folder);
  if (!reason) return;
  const [command, ...args] = [...npmCommand(), 'ci', '--no-audit', '--no-fund'];
  await progress.step(`npm ci (${reason})`, () =>
    runOrFail('npm ci', command, args, { cwd: folder, timeoutMs: fifteenMinutes }),
  );
  const left = reasonToInstall(folder);
  if (left)
    throw new Failure(
      `npm ci ended well, but ${left}. Do package.json and package-lock.json in ${folder} belong together?`,
    );
}

/** Every library and app to its dist/; what has not changed comes from nx's cache. */
export async function build(progress) {
  const nx = join(projectRoot, 'node_modules/nx/dist/bin/nx.js');
  const bin = existsSync(nx) ? nx : join(projectRoot, 'node_modules/.bin/nx');
  const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true', FORCE_COLOR: '0' };
  const args = [bin, 'run-many', '-t', 'build', '--outputStyle=static'];
  await progress.step('building', () =>
    runOrFail('The build', process.execPath, args, { cwd: projectRoot, env, timeoutMs: fifteenMinutes }),
  );
}
