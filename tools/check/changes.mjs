import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run, runOrFail } from '../cli/command.mjs';
import { Failure } from '../cli/failure.mjs';

const paths = (output) => output.split('\0').filter(Boolean);

/**
 * What differs from where this branch left `base` (the default branch), committed or not.
 * @returns {Promise<{since: string, present: string[], gone: string[]}>} paths from the root; a renamed file is gone under its old name and
 *   present under its new one
 */
export async function changedFiles(root, base) {
  const git = (...args) => runOrFail(`git ${args[0]}`, 'git', args, { cwd: root });
  const since = await forkPoint(root, base ?? (await defaultBranch(root)));
  const tracked = await git('diff', '--name-only', '--no-renames', '-z', since);
  const untracked = await git('ls-files', '--others', '--exclude-standard', '-z');
  const all = [...new Set([...paths(tracked), ...paths(untracked)])].sort();
  return {
    since,
    present: all.filter((path) => existsSync(join(root, path))),
    gone: all.filter((path) => !existsSync(join(root, path))),
  };
}

/** Every file that git knows or would take in, without those that were removed. */
export async function filesOfTree(root) {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const all = paths(await runOrFail('git ls-files', 'git', args, { cwd: root }));
  return all.filter((path) => existsSync(join(root, path)));
}

/** That of the remote where there is one, as a local branch of that name may be old. */
async function defaultBranch(root) {
  const remote = await run('git', ['symbolic-ref', '--short', 'refs/remotes/origin/HEAD'], { cwd: root });
  return remote.code === 0 ? remote.stdout.trim() : 'main';
}

async function forkPoint(root, base) {
  const { code, stdout } = await run('git', ['merge-base', base, 'HEAD'], { cwd: root });
  if (code === 0) return stdout.trim();
  throw new Failure(`There is no "${base}" here that this branch comes from. Say what to compare with: --base REV`);
}
