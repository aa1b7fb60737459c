import { jest } from '@jest/globals';
import { ProgressThrottle } from './progress-throttle.js';

describe('ProgressThrottle', () => {
  let sent: [number, string][];
  let throttle: ProgressThrottle;

  beforeEach(() => {
    jest.useFakeTimers();
    sent = [];
    throttle = new ProgressThrottle((percent, message) => sent.push([percent, message]));
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('lets the first report through at once', () => {
    throttle.set(1, 'start');
    expect(sent).toEqual([[1, 'start']]);
  });

  it('sends the latest of an interval at its end', () => {
    for (let percent = 1; percent <= 50; percent += 1) throttle.set(percent, '');
    expect(sent).toEqual([[1, '']]);
    jest.advanceTimersByTime(250);
    expect(sent).toEqual([
      [1, ''],
      [50, ''],
    ]);
  });

  it('sends at most four a second, however often it is told', () => {
    for (let ms = 0; ms < 10_000; ms += 5) {
      throttle.set(ms / 100, '');
      jest.advanceTimersByTime(5);
    }
    expect(sent.length).toBeGreaterThanOrEqual(40);
    expect(sent.length).toBeLessThanOrEqual(41);
  });

  it('lets a report through at once again after a pause', () => {
    throttle.set(1, '');
    jest.advanceTimersByTime(1_000);
    throttle.set(2, '');
    expect(sent.at(-1)).toEqual([2, '']);
  });

  it('sends the last one at the end, once, and leaves no timer', () => {
    throttle.set(1, '');
    throttle.set(99, 'almost');
    throttle.flush();
    throttle.flush();
    jest.advanceTimersByTime(1_000);
    expect(sent).toEqual([
      [1, ''],
      [99, 'almost'],
    ]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
