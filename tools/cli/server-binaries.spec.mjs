import { describe, expect, test } from '@jest/globals';
import { isDebianLike } from './apt.mjs';
import { majorVersion } from './postgres-binaries.mjs';
import { isServiceWrapper } from './rabbitmq-binaries.mjs';
import { checkVersion } from './rabbitmq.mjs';
import { canReach, findUser } from './server-user.mjs';

describe('installed servers', () => {
  test('the major version of PostgreSQL', () => {
    expect(majorVersion('postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n')).toBe(15);
    expect(majorVersion('postgres (PostgreSQL) 17beta1')).toBe(17);
    expect(majorVersion('something else')).toBeUndefined();
  });

  test("Debian's wrapper around the system service is not the server", () => {
    expect(isServiceWrapper('exec /usr/sbin/runuser -u rabbitmq -- /usr/lib/rabbitmq/bin/rabbitmq-server "$@"')).toBe(
      true,
    );
    expect(isServiceWrapper('SCRIPTS_DIR=$(dirname "$0")\n. "$SCRIPTS_DIR/rabbitmq-env"\nexec erl')).toBe(false);
  });

  test.each([
    ['3.10.8', true],
    ['4.2.0', true],
    ['3.9.27', false],
  ])('RabbitMQ %s: %s', (version, enough) => {
    if (enough) expect(checkVersion(version)).toBe(version);
    else expect(() => checkVersion(version)).toThrow('3.10 or newer');
  });

  test('who may install packages', () => {
    expect(isDebianLike('ID=debian\nVERSION_ID="12"')).toBe(true);
    expect(isDebianLike('ID=linuxmint\nID_LIKE="ubuntu debian"')).toBe(true);
    expect(isDebianLike('ID=fedora\nHOME_URL="https://example.org/debian"')).toBe(false);
  });
});

describe('the user that runs the database', () => {
  test('is looked up by its whole name', () => {
    const passwd =
      'root:x:0:0:root:/root:/bin/sh\npostgres-backup:x:7:7::/:/bin/sh\npostgres:x:105:113::/var/lib/postgresql:/bin/bash\n';
    expect(findUser('postgres', passwd)).toEqual({ uid: 105, gid: 113 });
    expect(findUser('rabbitmq', passwd)).toBeUndefined();
  });

  test('cannot pass through a private folder of somebody else', () => {
    const user = { uid: 105, gid: 113 };
    const modes = { '/': 0o755, '/root': 0o700, '/root/project': 0o755, '/srv': 0o711 };
    const stat = (folder) => ({ mode: modes[folder], uid: 0, gid: 0 });
    expect(canReach('/root/project/data', user, stat)).toBe(false);
    expect(canReach('/srv/data', user, stat)).toBe(true);
    expect(canReach('/root/data', { uid: 0, gid: 0 }, stat)).toBe(true);
  });
});
