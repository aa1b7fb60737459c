import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const built = fileURLToPath(new URL('../../apps/console/dist/index.html', import.meta.url));

function find(): string | undefined {
  const given = process.env.ROUNDHOUSE_TEST_CHROMIUM;
  if (given) return given;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The browser of the tests; undefined where there is none, and `./roundhouse test` has said so. */
export const chromiumPath = find();

/** `describe` where there is a browser. */
export const describeInBrowser = chromiumPath ? describe : describe.skip;

/** Headless. Root, as in containers, may not use the sandbox. */
export async function launchChromium(): Promise<Browser> {
  if (!existsSync(built)) throw new Error('The console has not been built: npm run build');
  return chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    timeout: 120_000,
    args: ['--disable-dev-shm-usage', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
}
