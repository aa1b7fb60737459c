import { WorkerHeartbeat, type RevokedAttempt } from '@roundhouse/contracts';
import { jest } from '@jest/globals';
import { LogLines } from '../../e2e/test-rabbit.js';
import { Heartbeat } from './heartbeat.js';

describe('Heartbeat', () => {
  const log = new LogLines();
  let answers: ((revoked: RevokedAttempt[] | Error) => void)[];
  let revoked: RevokedAttempt[];
  let heartbeat: Heartbeat;

  beforeEach(() => {
    jest.useFakeTimers();
    answers = [];
    revoked = [];
    heartbeat = new Heartbeat({
      intervalMs: 1_000,
      describe: () => WorkerHeartbeat.fromPartial({}),
      send: () => new Promise((resolve, reject) => answers.push((a) => (a instanceof Error ? reject(a) : resolve(a)))),
      onRevoked: (r) => void revoked.push(r),
      log,
    });
  });
  afterEach(() => {
    heartbeat.stop();
    jest.useRealTimers();
  });

  const later = (ms = 0) => jest.advanceTimersByTimeAsync(ms);

  it('beats at start and in every interval', async () => {
    expect(answers).toHaveLength(1);
    for (let beats = 2; beats < 5; beats += 1) {
      answers.at(-1)!([]);
      await later(1_000);
      expect(answers).toHaveLength(beats);
    }
  });

  it('tells what is revoked', async () => {
    const gone = { jobId: 'a', attempt: 1, reason: 2 };
    answers[0]!([gone]);
    await later();
    expect(revoked).toEqual([gone]);
  });

  it('has one beat under way, and another right after it when one was asked for meanwhile', async () => {
    await later(5_000);
    void heartbeat.beat();
    expect(answers).toHaveLength(1);
    answers[0]!([]);
    await later();
    expect(answers).toHaveLength(2);
    answers[1]!([]);
    await later(999);
    expect(answers).toHaveLength(2);
  });

  it('goes on when a beat is not answered', async () => {
    answers[0]!(new Error('nobody there'));
    await later(1_000);
    expect(answers).toHaveLength(2);
    expect(log.has('heartbeat not answered')).toBe(true);
  });

  it('is silent once it is stopped', async () => {
    void heartbeat.beat();
    heartbeat.stop();
    answers[0]!([]);
    await later(10_000);
    expect(answers).toHaveLength(1);
  });
});
