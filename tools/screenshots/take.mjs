// Takes the pictures in docs/screenshots of a running installation with the demo's data, and of what it adds to it:
// `./roundhouse demo && node tools/screenshots/take.mjs [name…]`. Needs Chromium: ROUNDHOUSE_TEST_CHROMIUM, or an installed one.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { findChromium } from '../cli/chromium.mjs';
import { Rest } from '../cli/rest.mjs';
import { pictures } from './pictures.mjs';
import { setUpScene, takeDown, until } from './scene.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const target = join(root, 'docs/screenshots');
const largestBytes = 150_000;
const { url } = JSON.parse(execFileSync(join(root, 'roundhouse'), ['status', '--json'], { encoding: 'utf8' }));
const { api_key: key } = JSON.parse(readFileSync(join(root, '.roundhouse/state.json'), 'utf8'));
const wanted = process.argv.slice(2);

/** Where this copy lies says nothing to anybody. Runs in the page. */
function hidePlace(root) {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.nodeValue = texts.currentNode.nodeValue.replaceAll(root, '/app');
}

async function take(browser, { name, path, ready, act, anonymous, ...options }, made) {
  const context = await browser.newContext({
    colorScheme: 'light',
    timezoneId: 'Europe/Berlin',
    ...options,
    baseURL: url,
  });
  if (!anonymous) await context.request.post('/v1/session', { data: { api_key: key } });
  const page = await context.newPage();
  await page.goto(typeof path === 'string' ? path : path(made));
  await page.locator('main').getByText(ready).first().waitFor();
  // Whatever comes later: graphs and charts load their code when somebody looks at them.
  const loading = page.locator('[role=status]', { hasText: '…' });
  await until('everything to be loaded', async () => (await loading.count()) === 0);
  if (!anonymous) await page.getByText('live', { exact: true }).waitFor();
  await act?.(page, made);
  await until('the pictures in the page', () =>
    page.evaluate(() => [...document.images].every((image) => image.complete)),
  );
  await page.evaluate(hidePlace, root);
  // Few colours are enough for a page; it halves the file.
  const picture = await sharp(await page.screenshot())
    .png({ palette: true, compressionLevel: 9 })
    .toBuffer();
  if (picture.length > largestBytes) throw new Error(`${name}.png has ${picture.length} bytes`);
  writeFileSync(join(target, `${name}.png`), picture);
  process.stdout.write(`docs/screenshots/${name}.png ${Math.round(picture.length / 1000)} kB\n`);
  await context.close();
}

mkdirSync(target, { recursive: true });
const rest = new Rest(url, key);
const made = await setUpScene(rest);
const browser = await chromium.launch({
  executablePath: process.env.ROUNDHOUSE_TEST_CHROMIUM || findChromium(),
  args: process.getuid?.() === 0 ? ['--no-sandbox', '--use-gl=swiftshader'] : [],
});
const faults = [];
try {
  for (const picture of pictures.filter(({ name }) => wanted.length === 0 || wanted.includes(name)))
    await take(browser, picture, made).catch((error) => faults.push(`${picture.name}: ${error.message}`));
} finally {
  await browser.close();
  await takeDown(rest, made);
}
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
