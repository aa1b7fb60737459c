import { describe, expect, test } from '@jest/globals';
import { discover, failOnMissing, missingMessage } from './discovery.mjs';

const binaries = { folder: '/usr/lib/postgresql/15/bin' };

/** Answers, and writes down which questions were asked. */
function found({ url, remembered, compose = false, installed, apt = false }) {
  const asked = [];
  const ask = (name, answer) => () => {
    asked.push(name);
    return answer;
  };
  return {
    asked,
    question: {
      url,
      remembered,
      compose: ask('compose', compose),
      binaries: ask('binaries', installed),
      apt: ask('apt', apt),
    },
  };
}

describe('where a service comes from', () => {
  test('a URL of the environment comes first, and nothing else is looked for', async () => {
    const { asked, question } = found({ url: 'postgres://db', compose: true, installed: binaries });
    expect(await discover(question)).toEqual({ source: 'environment', url: 'postgres://db' });
    expect(asked).toEqual([]);
  });

  test('then a container engine, before binaries', async () => {
    const { asked, question } = found({ compose: true, installed: binaries, apt: true });
    expect(await discover(question)).toEqual({ source: 'compose' });
    expect(asked).toEqual(['compose']);
  });

  test('then installed binaries', async () => {
    const { asked, question } = found({ installed: binaries, apt: true });
    expect(await discover(question)).toEqual({ source: 'binaries', binaries });
    expect(asked).toEqual(['compose', 'binaries']);
  });

  test('then packages, then nothing', async () => {
    expect(await discover(found({ apt: true }).question)).toEqual({ source: 'packages' });
    expect(await discover(found({}).question)).toEqual({ source: 'none' });
  });

  test('data of an earlier start is not left behind because an engine answers today', async () => {
    const { question } = found({ remembered: 'binaries', compose: true, installed: binaries });
    expect(await discover(question)).toEqual({ source: 'binaries', binaries });
  });

  test('one message names everything that is missing, with its package and its variable', () => {
    expect(() => failOnMissing({ postgres: { source: 'none' }, rabbitmq: { source: 'none' } })).toThrow(
      missingMessage(['postgres', 'rabbitmq']),
    );
    for (const word of [
      'postgresql',
      'rabbitmq-server',
      'ROUNDHOUSE_ADMIN_DATABASE_URL',
      'ROUNDHOUSE_AMQP_URL',
      'Docker',
    ]) {
      expect(missingMessage(['postgres', 'rabbitmq'])).toContain(word);
    }
    expect(() => failOnMissing({ postgres: { source: 'binaries' } })).not.toThrow();
  });
});
