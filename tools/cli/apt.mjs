import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { findProgram, run, runOrFail } from './command.mjs';

const policyFile = '/usr/sbin/policy-rc.d';
const asideFile = '/usr/sbin/policy-rc.d.before-roundhouse';

/** Packages may be installed as root on Debian, Ubuntu and their like. */
export function canInstallPackages(osRelease = '/etc/os-release', uid = process.getuid?.()) {
  if (uid !== 0 || !findProgram('apt-get') || !existsSync(osRelease)) return false;
  return isDebianLike(readFileSync(osRelease, 'utf8'));
}

export function isDebianLike(osRelease) {
  return /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(osRelease);
}

/**
 * Installs packages without letting them start a system service: `policy-rc.d` is what Debian asks before any start. An existing one
 * that already refuses is left alone; another is put aside and comes back afterwards.
 */
export async function installPackages(names, progress) {
  progress.note(`Installing with apt-get: ${names.join(', ')} (as packages; their system services are not started)`);
  const restore = await refuseServiceStarts();
  process.once('exit', restore);
  try {
    await progress.step(`installing ${names.join(', ')}`, () => install(names));
  } finally {
    restore();
    process.off('exit', restore);
  }
}

async function install(names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const args = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...names];
  const options = { env, timeoutMs: 15 * 60_000 };
  // The lists may be absent or old: the first try tells, without a download when they are fine.
  if ((await run('apt-get', args, options)).code === 0) return;
  await runOrFail('Updating the package lists', 'apt-get', ['update'], options);
  await runOrFail(`Installing ${names.join(', ')}`, 'apt-get', args, options);
}

async function refuseServiceStarts() {
  if (existsSync(policyFile)) {
    if ((await run(policyFile, ['postgresql', 'start'], { timeoutMs: 5_000 })).code === 101) return () => {};
    renameSync(policyFile, asideFile);
  }
  writeFileSync(policyFile, '#!/bin/sh\nexit 101\n');
  chmodSync(policyFile, 0o755);
  let restored = false;
  return () => {
    if (restored) return;
    restored = true;
    rmSync(policyFile, { force: true });
    if (existsSync(asideFile)) renameSync(asideFile, policyFile);
  };
}
