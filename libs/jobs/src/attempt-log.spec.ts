import { LogLine_Level, type JobLogged } from '@roundhouse/contracts';
import { AttemptLog, logLimits } from './attempt-log.js';
import type { Log } from './ports.js';

function bench({ debug = false, values = [] as string[] } = {}) {
  const sent: JobLogged[] = [];
  const printed: string[] = [];
  const print = (_fields: object, message: string) => void printed.push(message);
  const base: Log = {
    debug: print,
    info: print,
    warn: print,
    error: print,
    isLevelEnabled: (l) => debug || l !== 'debug',
  };
  const redaction = {
    fields: (fields: object) => ({ ...fields, ...('password' in fields && { password: '[redacted]' }) }),
    text: (text: string) => text.replace(/Bearer \S+/, 'Bearer [redacted]'),
  };
  const log = new AttemptLog(base, { send: (logged) => void sent.push(logged), mask: () => ({ redaction, values }) });
  const lines = () => sent.flatMap((part) => part.lines);
  return { log, sent, lines, printed };
}

describe('the log of an attempt', () => {
  it('sends nothing when nothing is said', () => {
    const { log, sent } = bench();
    log.close();
    expect(sent).toEqual([]);
  });

  it('goes to the process, and with the end to the ledger', () => {
    const { log, sent, printed } = bench();
    log.info({ rows: 3 }, 'read');
    log.error({}, 'broken');
    expect([printed, sent]).toEqual([['read', 'broken'], []]);
    log.close();
    expect(sent).toMatchObject([
      {
        part: 0,
        leftOut: 0,
        lines: [
          { level: LogLine_Level.INFO, message: 'read', fields: '{"rows":3}' },
          { level: LogLine_Level.ERROR, message: 'broken', fields: '' },
        ],
      },
    ]);
  });

  it('sends what has gathered while the attempt runs, in numbered parts', async () => {
    const { log, sent } = bench();
    log.info({}, 'one');
    log.info({}, 'two');
    while (sent.length < 1) await new Promise((resolve) => setTimeout(resolve, 10));
    log.info({}, 'three');
    log.close();
    expect(sent.map(({ part, lines }) => [part, lines.map(({ message }) => message)])).toEqual([
      [0, ['one', 'two']],
      [1, ['three']],
    ]);
  });

  it('takes debug lines when the process does', () => {
    const quiet = bench();
    const loud = bench({ debug: true });
    for (const { log } of [quiet, loud]) {
      log.debug({}, 'detail');
      log.close();
    }
    expect([quiet.lines().length, loud.lines().length]).toEqual([0, 1]);
  });

  it('keeps notes out of the log of the process', () => {
    const { log, lines, printed } = bench();
    log.note({ step: 'a' }, 'Step "a" started');
    log.close();
    expect([printed, lines().length]).toEqual([[], 1]);
  });

  it('stops at its limits, keeps room for warnings, and says how much is missing', () => {
    const { log, sent, lines } = bench();
    for (let i = 0; i < 2_000; i += 1) log.info({}, `line ${i}`);
    log.warn({}, 'it went wrong in the end');
    log.close();
    expect(lines()).toHaveLength(logLimits.lines * 0.9 + 1);
    expect(lines().at(-1)!.message).toBe('it went wrong in the end');
    expect(sent.at(-1)!.leftOut).toBe(1_100);
  });

  it('keeps no more bytes than it may', () => {
    const { log, lines, sent } = bench();
    for (let i = 0; i < 500; i += 1) log.error({ text: 'é'.repeat(20_000) }, 'x'.repeat(9_000));
    log.close();
    const bytes = lines().reduce((sum, { message, fields }) => sum + Buffer.byteLength(message + fields), 0);
    expect(bytes).toBeLessThanOrEqual(logLimits.bytes);
    expect(bytes).toBeGreaterThan(logLimits.bytes / 2);
    expect(sent.at(-1)!.leftOut).toBeGreaterThan(400);
    for (const { message, fields } of lines()) {
      expect(message.length).toBeLessThan(2_100);
      expect(JSON.parse(fields)).toHaveProperty('cut_off');
    }
  });

  it('hides secrets by name and form, and the values of sensitive fields wherever they stand', () => {
    const { log, lines } = bench({ values: ['s3cret-value', '482910'] });
    const cause = new Error('refused s3cret-value');
    log.warn(
      { password: 'p', note: 'with s3cret-value', pin: 482910, err: new Error('no', { cause }) },
      'Bearer abcdef',
    );
    log.close();
    const [line] = lines();
    expect(`${line!.message} ${line!.fields}`).not.toMatch(/s3cret-value|482910|abcdef|"p"/);
    const fields = JSON.parse(line!.fields);
    expect(fields).toMatchObject({ password: '[redacted]', note: 'with [redacted]', pin: '[redacted]' });
    expect(fields.err).toMatchObject({ name: 'Error', message: 'no', cause: { message: 'refused [redacted]' } });
  });

  it('keeps a line whatever its fields are', () => {
    const { log, lines } = bench();
    const loop: Record<string, unknown> = { big: 9_007_199_254_740_993n };
    log.info(loop, 'exact');
    loop.self = loop;
    log.info(loop, 'round');
    log.close();
    expect(lines().map(({ message, fields }) => [message, Object.keys(JSON.parse(fields))])).toEqual([
      ['exact', ['big']],
      ['round', ['not_shown']],
    ]);
    expect(lines()[0]!.fields).toBe('{"big":"9007199254740993"}');
  });

  it('says nothing to the ledger after its end', () => {
    const { log, lines, printed } = bench();
    log.info({}, 'before');
    log.close();
    log.info({}, 'after');
    log.close();
    expect([lines().length, printed]).toEqual([1, ['before', 'after']]);
  });
});
