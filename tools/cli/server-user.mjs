import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from './failure.mjs';

/** uid and gid of a user of /etc/passwd, or undefined. */
export function findUser(name, passwd = readFileSync('/etc/passwd', 'utf8')) {
  const line = passwd.split('\n').find((entry) => entry.startsWith(`${name}:`));
  if (!line) return undefined;
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/**
 * Who runs PostgreSQL, which refuses root: ourselves, or as root the user its package creates, else `nobody`.
 * @returns {{uid: number, gid: number} | undefined} undefined: no change of user
 */
export function databaseUser() {
  if (process.getuid?.() !== 0) return undefined;
  const user = findUser('postgres') ?? findUser('nobody');
  if (!user)
    throw new Failure(
      'PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody" to run it as.',
    );
  return user;
}

/** True when this user may pass through every folder above `path`: below a 0700 home of root the database would find nothing. */
export function canReach(path, user, stat = statSync) {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = stat(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
