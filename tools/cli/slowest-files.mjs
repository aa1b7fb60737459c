import { relative } from 'node:path';

/**
 * The test files of a jest result (`--json`) that took longest, a line each: `  12.3 s  e2e/backup.e2e.ts`. A file's time is from when it
 * is loaded to the end of its last test; one that did not run has none.
 */
export function slowestFiles(result, root, most = 10) {
  const files = (result?.testResults ?? []).map(({ name, startTime, endTime }) => ({
    file: relative(root, name),
    seconds: (endTime - startTime) / 1000,
  }));
  return files
    .filter(({ seconds }) => seconds > 0)
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, most)
    .map(({ file, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${file}`);
}
