import { canInstallPackages, installPackages } from './apt.mjs';
import { findProgram } from './command.mjs';

/**
 * The program that tests alert rules: an installed one, else that of Debian's package prometheus, whose server is not started. Undefined where
 * there is none and none can be installed; those tests are skipped then, and this says so.
 */
export async function ensurePromtool(progress) {
  const found = findProgram('promtool');
  if (found) return found;
  if (canInstallPackages()) {
    await installPackages(['prometheus'], progress);
    return findProgram('promtool');
  }
  progress.note('No promtool: the tests of the alert rules are skipped (Debian/Ubuntu: apt-get install prometheus).');
  return undefined;
}
