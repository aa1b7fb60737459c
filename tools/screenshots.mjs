// Takes the pictures in docs/screenshots of a running installation with the demo's data: `./roundhouse demo && node tools/screenshots.mjs`.
// Needs Chromium: ROUNDHOUSE_TEST_CHROMIUM, or an installed one.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findChromium } from './cli/chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'docs/screenshots');
const status = JSON.parse(execFileSync(join(root, 'roundhouse'), ['status', '--json'], { encoding: 'utf8' }));
const { api_key: key } = JSON.parse(readFileSync(join(root, '.roundhouse/state.json'), 'utf8'));

/** The newest job of a kind, or in a state. */
async function newest(context, query) {
  const answer = await context.request.get(`/v1/jobs?limit=1&${query}`);
  return (await answer.json()).jobs[0]?.id;
}

const desktop = { viewport: { width: 1280, height: 800 }, colorScheme: 'light' };
const pictures = [
  { name: 'login', path: '/jobs', ready: 'API key', anonymous: true },
  { name: 'overview', path: '/now', ready: 'Workers' },
  { name: 'overview-dark', path: '/now', ready: 'Workers', colorScheme: 'dark' },
  { name: 'jobs', path: '/jobs', ready: 'Accepted' },
  { name: 'job', path: (c) => newest(c, 'kind=trading.import_trades').then((id) => `/jobs/${id}`), ready: 'Attempts' },
  { name: 'trades', path: '/trading/trades', ready: 'Closed trades' },
  { name: 'what-if', path: '/trading/what-ifs', ready: 'All simulations' },
  { name: 'digests', path: '/trading/digests', ready: 'Weeks' },
  { name: 'jobs-375', path: '/jobs', ready: 'Accepted', viewport: { width: 375, height: 720 } },
];

mkdirSync(target, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.ROUNDHOUSE_TEST_CHROMIUM || findChromium(),
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
try {
  for (const { name, path, ready, anonymous, ...options } of pictures) {
    const context = await browser.newContext({ ...desktop, ...options, baseURL: status.url });
    if (!anonymous) await context.request.post('/v1/session', { data: { api_key: key } });
    const page = await context.newPage();
    await page.goto(typeof path === 'string' ? path : await path(context));
    await page.getByText(ready).first().waitFor();
    await page.locator('[role=status]', { hasText: 'Loading' }).waitFor({ state: 'detached' });
    await page.screenshot({ path: join(target, `${name}.png`) });
    process.stdout.write(`docs/screenshots/${name}.png\n`);
    await context.close();
  }
} finally {
  await browser.close();
}
