import { loadConfig } from '@roundhouse/service';
import { testKeys } from '@roundhouse/testing';
import { gatewayConfig, platformFields } from './config.js';
import { workloads } from './workloads/index.js';

const good = {
  ROUNDHOUSE_AMQP_URL: 'amqp://u:p@h/v',
  ROUNDHOUSE_DATABASE_URL: 'postgres://u:p@h/d',
  ROUNDHOUSE_STORAGE_DIR: '/files',
  ...testKeys(),
};

describe('the configuration of the gateway', () => {
  it('has what workloads read for themselves', () => {
    const env = { ...good, ROUNDHOUSE_SPREADSHEET_RETENTION: '2h', ROUNDHOUSE_MESH_CALLBACK_SECRET: 's'.repeat(24) };
    expect(loadConfig(gatewayConfig, env)).toMatchObject({
      spreadsheetRetention: 7_200_000,
      meshCallbackSecret: 's'.repeat(24),
      storageDir: '/files',
    });
  });

  it('says at once what is wrong with settings of the platform and of each workload', () => {
    const env = {
      ...good,
      ROUNDHOUSE_SESSION_KEY: 'short',
      ROUNDHOUSE_HTTP_PORT: '99999',
      ROUNDHOUSE_MESH_CALLBACK_SECRET: 'short',
      ROUNDHOUSE_SPREADSHEET_MAX_BYTES: 'many',
    };
    const message = errorOf(() => loadConfig(gatewayConfig, env));
    expect(message).toContain('Configuration has 4 errors:');
    for (const name of Object.keys(env).slice(-3)) expect(message).toContain(name);
    expect(message).toContain('ROUNDHOUSE_SESSION_KEY');
  });

  it('has one meaning for a setting that several name', () => {
    const shape: Record<string, unknown> = gatewayConfig.shape;
    const named = [platformFields, ...workloads.map(({ fields }) => fields)].flatMap((fields) =>
      Object.entries(fields),
    );
    expect(named.filter(([name, field]) => shape[name] !== field).map(([name]) => name)).toEqual([]);
  });
});

function errorOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return String(error);
  }
  throw new Error('nothing was wrong');
}
