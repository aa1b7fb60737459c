import { ServiceProcess, waitFor } from '@roundhouse/testing';

/** A real process; ended after each test however the test ends. */
describe('runService', () => {
  let service: ServiceProcess;
  const options = (behaviour: string, env: Record<string, string> = {}) => ({
    app: 'tiny',
    main: 'libs/service/e2e/tiny-service.ts',
    env: { ROUNDHOUSE_API_KEY: 'k', ROUNDHOUSE_BEHAVIOUR: behaviour, ...env },
  });
  const events = () => service.logs().map(({ event, msg }) => event ?? msg);

  afterEach(() => service.kill());

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'stops on %s: not ready first, then the work, then exit code 0',
    async (signal) => {
      service = await ServiceProcess.start(options('good'));
      expect(service.logs('service.started')).toEqual([
        expect.objectContaining({ service: 'tiny', ports: { http: 1, health: expect.any(Number) } }),
      ]);
      expect(await service.kill(signal)).toEqual({ code: 0, signal: null });
      expect(events()).toEqual(['service.started', 'service.stopping', 'stop called', 'service.stopped']);
      expect(service.logs().find(({ msg }) => msg === 'stop called')).toMatchObject({ ready: false });
    },
  );

  it('tells the work when its time is over', async () => {
    service = await ServiceProcess.start(options('slow-stop', { ROUNDHOUSE_SHUTDOWN_SECONDS: '1' }));
    expect(await service.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(events()).toContain('handed back');
  });

  it('ends at once on the second signal', async () => {
    service = await ServiceProcess.start(options('slow-stop'));
    service.signal('SIGTERM');
    await waitFor(() => service.logs('service.stopping').length === 1);
    expect(await service.kill('SIGINT')).toEqual({ code: 130, signal: null });
  });

  it('exits with 1 when stopping fails', async () => {
    service = await ServiceProcess.start(options('bad-stop'));
    expect(await service.kill('SIGTERM')).toEqual({ code: 1, signal: null });
    expect(events()).toContain('service.stop_failed');
    await expect(service.stop()).resolves.toBeUndefined();
  });

  it('prints what is wrong with the configuration, plainly, and exits with 78', async () => {
    service = ServiceProcess.spawn(options('nonsense', { ROUNDHOUSE_API_KEY: '' }));
    expect(await service.exited).toEqual({ code: 78, signal: null });
    expect(service.lines).toEqual([
      'tiny: Configuration has 2 errors:',
      expect.stringContaining('  ROUNDHOUSE_BEHAVIOUR  expected one of good, '),
      '  ROUNDHOUSE_API_KEY    is not set',
    ]);
  });

  it('exits with 1 when it cannot start, without printing passwords', async () => {
    await expect(ServiceProcess.start(options('bad-start'))).rejects.toThrow(
      /tiny ended at start \(exit code 1\)[^]*service.start_failed/,
    );
    service = ServiceProcess.spawn(options('bad-start'));
    expect(await service.exited).toEqual({ code: 1, signal: null });
    expect(service.tail()).not.toContain('hunter2');
  });

  it('does not wait for a stuck start when told to stop', async () => {
    service = ServiceProcess.spawn(options('slow-start', { ROUNDHOUSE_LOG_LEVEL: 'debug' }));
    await waitFor(() => service.logs('service.starting').length === 1);
    expect(await service.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(events()).toContain('service.start_abandoned');
  });

  it.each(['throws', 'rejects'])('logs and exits with 1 when something %s unexpectedly', async (behaviour) => {
    service = ServiceProcess.spawn(options(behaviour));
    expect(await service.exited).toEqual({ code: 1, signal: null });
    expect(service.logs('service.crashed')).toEqual([
      expect.objectContaining({ level: 'fatal', err: expect.objectContaining({ message: 'trouble while running' }) }),
    ]);
  });

  it('stops in order, with exit code 1, when the service gives up', async () => {
    service = ServiceProcess.spawn(options('fails'));
    expect(await service.exited).toEqual({ code: 1, signal: null });
    expect(events()).toEqual([
      'service.started',
      'service.crashed',
      'service.stopping',
      'stop called',
      'service.stopped',
    ]);
  });
});
