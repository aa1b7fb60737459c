import { startMetrics, stopMetrics } from '@roundhouse/telemetry';
import { HealthChecks } from './health-checks.js';
import { startHealthServer, type HealthServer } from './health-server.js';
import { watchProcess } from './process-metrics.js';

describe('health server', () => {
  const checks = new HealthChecks();
  let server: HealthServer;
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init);

  beforeAll(async () => {
    server = await startHealthServer({ host: '127.0.0.1', port: 0, service: 'scorer', version: '1.0.0', checks });
  });
  afterAll(() => server.close());

  it('is alive', async () => {
    const response = await get('/healthz');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'ok', service: 'scorer', version: '1.0.0' });
  });

  it('is ready only when every check passes, and lists the reasons without passwords', async () => {
    const remove = [
      checks.register('broker', async () => undefined),
      checks.register('database', async () => {
        throw new Error('cannot reach postgres://u:hunter2@h');
      }),
      checks.register('slow', () => new Promise(() => undefined), { timeoutMs: 20 }),
    ];
    const response = await get('/readyz?verbose');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      status: 'not_ready',
      checks: [
        { name: 'broker', ok: true },
        { name: 'database', ok: false, reason: 'cannot reach postgres://u:[redacted]@h' },
        { name: 'slow', ok: false, reason: 'no answer within 20 ms' },
      ],
    });
    remove.slice(1).forEach((take) => take());
    expect(await (await get('/readyz')).json()).toMatchObject({ status: 'ready' });
    expect(() => checks.register('broker', () => undefined)).toThrow('registered twice');
    remove[0]?.();
  });

  it('takes work while it is degraded, and says by what', async () => {
    const remove = checks.register('mirror', () => Promise.reject(new Error('far behind')), { essential: false });
    const response = await get('/readyz');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'degraded',
      checks: [{ name: 'mirror', ok: false, essential: false, reason: 'far behind' }],
    });
    remove();
  });

  it('shows metrics, the event loop and memory among them', async () => {
    startMetrics();
    const unwatch = watchProcess();
    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const text = await response.text();
    expect(text).toMatch(/^roundhouse_process_memory_bytes\{type="rss"\} \d{7,}$/m);
    expect(text).toMatch(/^roundhouse_event_loop_lag_seconds\{quantile="0.99"\} [\d.e-]+$/m);
    unwatch();
    await stopMetrics();
  });

  it('keeps metrics to itself where it stands in for a server that everybody reaches', async () => {
    const options = { host: '127.0.0.1', port: 0, service: 'gateway', version: '1.0.0', checks, standsIn: true };
    const standIn = await startHealthServer(options);
    const answer = await fetch(`http://127.0.0.1:${standIn.port}/metrics`);
    expect([answer.status, await answer.json()]).toEqual([503, { status: 'starting' }]);
    await standIn.close();
  });

  it('knows no other path and no other method', async () => {
    expect((await get('/')).status).toBe(404);
    expect((await get('/healthz', { method: 'POST' })).status).toBe(405);
    expect((await get('/healthz', { method: 'HEAD' })).status).toBe(200);
  });

  it('says when its port is taken', async () => {
    const taken = { host: '127.0.0.1', port: server.port, service: 's', version: '1', checks };
    await expect(startHealthServer(taken)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
