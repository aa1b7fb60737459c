import { canInstallPackages, installPackages } from './apt.mjs';
import { findProgram } from './command.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

export const findChromium = (find = findProgram) => names.map((name) => find(name)).find(Boolean);

/**
 * The browser of the console's tests: ROUNDHOUSE_TEST_CHROMIUM, else an installed one, else Debian's package. Undefined where there is none and
 * none can be installed; those tests are skipped then, and this says so.
 */
export async function ensureChromium(progress, env = process.env) {
  const found = env.ROUNDHOUSE_TEST_CHROMIUM || findChromium();
  if (found) return found;
  if (canInstallPackages()) {
    await installPackages(['chromium'], progress);
    return findChromium();
  }
  progress.note('No Chromium: the tests of the console are skipped (Debian/Ubuntu: apt-get install chromium).');
  return undefined;
}
