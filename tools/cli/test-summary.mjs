/**
 * Counts of a jest result (`--json`). A suite that did not run has no tests to count and so counts as one failure; so does a run that
 * left no result. Skipped are those that were skipped or are still to be written.
 */
export function testCounts(result) {
  if (!result) return { passed: 0, failed: 1, skipped: 0 };
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
    skipped: result.numPendingTests + (result.numTodoTests ?? 0),
  };
}

export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Passing nothing is no success: a pattern that matches no test would look like one. */
export function isSuccess({ passed, failed }) {
  return failed === 0 && passed > 0;
}
