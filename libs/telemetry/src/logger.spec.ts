import { logLine } from './log-lines.js';
import { createLogger, setLogLevel, type LogLevel } from './logger.js';
import { NestLogger } from './nest-logger.js';

function capture(level: LogLevel = 'info') {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  return { lines, log: createLogger({ service: 'scorer', version: '1.2.3', level, destination }) };
}

describe('createLogger', () => {
  it('writes JSON lines with the service and the fields of the job', () => {
    const { lines, log } = capture();
    log.child({ tenant: 'acme', job_id: 'j1', attempt: 2, trace_id: 'abc' }).info('hello');
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'info',
        service: 'scorer',
        version: '1.2.3',
        tenant: 'acme',
        job_id: 'j1',
        attempt: 2,
        trace_id: 'abc',
        msg: 'hello',
      }),
    ]);
    expect(new Date(String(lines[0]?.time)).getTime()).toBeGreaterThan(0);
  });

  it('hides secrets in fields, bindings, messages and errors', () => {
    const { lines, log } = capture();
    const error = Object.assign(
      new Error('cannot reach amqp://u:hunter2@h', { cause: new Error('postgres://u:hunter2@h') }),
      {
        config: { headers: { authorization: 'hunter2' } },
      },
    );
    log.child({ apiKey: 'hunter2' }).error({ err: error, options: { password: 'hunter2' } }, 'with http://u:hunter2@h');
    log.error(error);
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(lines[0]?.err).toMatchObject({
      type: 'Error',
      message: 'cannot reach amqp://u:[redacted]@h',
      cause: { type: 'Error' },
    });
  });

  it('changes the level of living children too', () => {
    const { lines, log } = capture();
    const child = log.child({ part: 'relay' }).child({ part: 'publisher' });
    child.debug('not yet');
    setLogLevel(log, 'debug');
    child.debug('now');
    log.child({}).debug('and in new ones');
    setLogLevel(log, 'error');
    child.warn('no more');
    expect(lines.map(({ msg }) => msg)).toEqual(['now', 'and in new ones']);
  });
});

describe('logLine', () => {
  it('takes level and text from the table', () => {
    const { lines, log } = capture();
    logLine(log, 'delivery.quarantined', { job_id: 'j1', err: new Error('boom') });
    logLine(log, 'delivery.not_settled');
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'error',
        event: 'delivery.quarantined',
        job_id: 'j1',
        msg: 'delivery quarantined',
        err: expect.objectContaining({ message: 'boom' }),
      }),
    ]);
  });
});

describe('NestLogger', () => {
  it('writes what Nest says as JSON, with its context', () => {
    const { lines, log } = capture('debug');
    const nest = new NestLogger(log);
    nest.log('Mapped {/v1/jobs, POST} route', 'RouterExplorer');
    nest.error('failed', 'Error: failed\n    at x', 'ExceptionsHandler');
    nest.error(new Error('thrown'), 'ExceptionsHandler');
    nest.warn({ some: 'object' });
    expect(lines).toEqual([
      expect.objectContaining({ level: 'debug', context: 'RouterExplorer', msg: 'Mapped {/v1/jobs, POST} route' }),
      expect.objectContaining({
        level: 'error',
        context: 'ExceptionsHandler',
        msg: 'failed',
        stack: expect.stringContaining('at x'),
      }),
      expect.objectContaining({ level: 'error', msg: 'thrown', err: expect.objectContaining({ message: 'thrown' }) }),
      expect.objectContaining({ level: 'warn', detail: { some: 'object' } }),
    ]);
  });
});
