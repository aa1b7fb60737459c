import { describe, expect, test } from '@jest/globals';
import { isSuccess, summaryLine, testCounts } from './test-summary.mjs';

const result = {
  numPassedTests: 12,
  numFailedTests: 0,
  numPendingTests: 3,
  numTodoTests: 1,
  numRuntimeErrorTestSuites: 0,
};

describe('the last line of a test run', () => {
  test('counts tests; those to be written are skipped ones', () => {
    expect(summaryLine(testCounts(result))).toBe('12 passed, 0 failed, 4 skipped');
    expect(isSuccess(testCounts(result))).toBe(true);
  });

  test('a suite that did not run is a failure', () => {
    const counts = testCounts({ ...result, numRuntimeErrorTestSuites: 2, numFailedTests: 1 });
    expect(summaryLine(counts)).toBe('12 passed, 3 failed, 4 skipped');
    expect(isSuccess(counts)).toBe(false);
  });

  test('no test at all, or no result, is a failure', () => {
    expect(isSuccess({ passed: 0, failed: 0, skipped: 5 })).toBe(false);
    expect(summaryLine(testCounts(undefined))).toBe('0 passed, 1 failed, 0 skipped');
    expect(isSuccess(testCounts(undefined))).toBe(false);
  });
});
