import { LoginAttempts } from './login-attempts.js';

it('lets an address be wrong twenty times a minute, whatever others do', () => {
  const attempts = new LoginAttempts();
  for (let n = 0; n < 20; n += 1) {
    expect(attempts.waitSeconds('10.0.0.1', n * 1_000)).toBe(0);
    attempts.failed('10.0.0.1', n * 1_000);
  }
  expect(attempts.waitSeconds('10.0.0.1', 20_000)).toBe(40);
  expect(attempts.waitSeconds('10.0.0.2', 20_000)).toBe(0);
  expect(attempts.waitSeconds('10.0.0.1', 59_999)).toBe(1);
  expect(attempts.waitSeconds('10.0.0.1', 60_000)).toBe(0);
});

it('forgets addresses rather than grow without end', () => {
  const attempts = new LoginAttempts();
  for (let n = 0; n < 20; n += 1) attempts.failed('first', 0);
  for (let n = 0; n < 9_999; n += 1) attempts.failed(`other ${n}`, 1);
  expect(attempts.waitSeconds('first', 2)).toBe(60);
  attempts.failed('one more', 2);
  expect(attempts.waitSeconds('first', 2)).toBe(0);
});
