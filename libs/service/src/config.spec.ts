import { z } from 'zod';
import { amqpFields, databaseFields, processFields } from './config-fields.js';
import { ConfigError, loadConfig, variableName } from './config.js';
import { base64Key, bool, decimal, durationMs, integer, list, port, text, url } from './variable-types.js';

function failure(schema: z.ZodObject, env: Record<string, string>): ConfigError {
  try {
    loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('no error');
}

describe('loadConfig', () => {
  const schema = z.object({
    ...processFields,
    ...amqpFields,
    ...databaseFields,
    masterKey: base64Key(32),
    pollInterval: durationMs({ min: 10 }).default(250),
    symbols: list().default([]),
    publicUrl: url(['https']).optional(),
    collector: url(['http']).optional().meta({ variable: 'OTHER_COLLECTOR' }),
  });
  const key = Buffer.alloc(32, 7);
  const good = {
    ROUNDHOUSE_AMQP_URL: 'amqp://u:p@h/v',
    ROUNDHOUSE_DATABASE_URL: 'postgres://u:p@h/d',
    ROUNDHOUSE_MASTER_KEY: key.toString('base64'),
  };

  it('gives a typed object with defaults', () => {
    const config = loadConfig(schema, {
      ...good,
      ROUNDHOUSE_POLL_INTERVAL: '2s',
      ROUNDHOUSE_SYMBOLS: 'A, B,',
      OTHER_COLLECTOR: 'http://c',
    });
    const typed: { healthPort: number; pollInterval: number; masterKey: Buffer; symbols: string[] } = config;
    expect(typed).toEqual({
      healthHost: '127.0.0.1',
      healthPort: 0,
      logLevel: 'info',
      shutdownSeconds: 25,
      amqpUrl: 'amqp://u:p@h/v',
      databaseUrl: 'postgres://u:p@h/d',
      masterKey: key,
      pollInterval: 2000,
      symbols: ['A', 'B'],
      collector: 'http://c',
    });
  });

  it('reports every problem at once and no value', () => {
    const error = failure(schema, {
      ROUNDHOUSE_AMQP_URL: 'http://u:hunter2@h',
      ROUNDHOUSE_DATABASE_URL: '  ',
      ROUNDHOUSE_MASTER_KEY: 'hunter2',
      ROUNDHOUSE_HEALTH_PORT: '99999',
      ROUNDHOUSE_LOG_LEVEL: 'loud',
    });
    expect(error.message).toBe(
      [
        'Configuration has 5 errors:',
        '  ROUNDHOUSE_HEALTH_PORT   expected a port number from 0 to 65535',
        '  ROUNDHOUSE_LOG_LEVEL     expected one of trace, debug, info, warn, error, fatal, silent',
        '  ROUNDHOUSE_AMQP_URL      expected a URL that starts with amqp:// or amqps://',
        '  ROUNDHOUSE_DATABASE_URL  is not set; expected a URL that starts with postgres:// or postgresql://',
        '  ROUNDHOUSE_MASTER_KEY    expected 32 bytes in base64 (openssl rand -base64 32)',
      ].join('\n'),
    );
    expect(error.problems).toHaveLength(5);
  });

  it('names one error as one', () => {
    expect(failure(schema, { ...good, ROUNDHOUSE_AMQP_URL: '' }).message).toContain('Configuration has an error:');
  });

  it('derives variable names from fields', () => {
    expect(['databaseUrl', 'healthPort', 's3Bucket', 'ibkrFlexToken'].map(variableName)).toEqual([
      'ROUNDHOUSE_DATABASE_URL',
      'ROUNDHOUSE_HEALTH_PORT',
      'ROUNDHOUSE_S3_BUCKET',
      'ROUNDHOUSE_IBKR_FLEX_TOKEN',
    ]);
  });
});

describe('variable types', () => {
  it.each([
    ['port', port(), '0', 0],
    ['port', port(), ' 65535 ', 65_535],
    ['integer', integer(1, 5), '5', 5],
    ['decimal', decimal(0, 1), '0.25', 0.25],
    ['durationMs', durationMs(), '250', 250],
    ['durationMs', durationMs(), '1.5s', 1500],
    ['durationMs', durationMs(), '30d', 2_592_000_000],
    ['bool', bool(), 'TRUE', true],
    ['bool', bool(), 'off', false],
    ['url', url(['http', 'https']), 'https://h:1/p', 'https://h:1/p'],
    ['text', text(), ' a ', 'a'],
  ])('%s reads %s', (_, type: z.ZodType, given, expected) => expect(type.parse(given)).toBe(expected));

  it.each([
    ['port', port(), '65536'],
    ['port', port(), '80a'],
    ['port', port(), '-1'],
    ['integer', integer(1, 5), '6'],
    ['integer', integer(), '1.5'],
    ['decimal', decimal(0, 1), '1.1'],
    ['durationMs', durationMs(), '5 minutes'],
    ['durationMs', durationMs({ min: 10 }), '9'],
    ['bool', bool(), 'maybe'],
    ['bool', bool(), 'constructor'],
    ['url', url(['http']), 'ftp://h'],
    ['url', url(['amqp']), 'amqp:'],
    ['base64Key', base64Key(16), Buffer.alloc(15).toString('base64')],
    ['base64Key', base64Key(16), 'not base64!'],
    ['text', text(), '   '],
  ])('%s refuses %s', (_, type: z.ZodType, given) => expect(type.safeParse(given).success).toBe(false));
});
