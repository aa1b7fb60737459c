import { waitFor } from '@roundhouse/testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gear, hills } from '../../apps/mesh/e2e/drawn-images.js';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { describeInBrowser } from './chromium.js';
import { ConsoleTest } from './console.js';
import { picture } from './screens.js';

describeInBrowser('meshes', () => {
  let rig: ConsoleTest;
  let folder: string;
  beforeAll(async () => {
    rig = await ConsoleTest.start({ meshWorkers: 1 });
    folder = await mkdtemp(join(tmpdir(), 'mesh-pictures-'));
    await writeFile(join(folder, 'gear.png'), await gear(400));
    await writeFile(join(folder, 'hills.png'), await hills(300, 220));
    await writeFile(join(folder, 'broken.png'), (await gear(300)).subarray(0, 800));
  });
  afterAll(async () => {
    await rig?.stop();
    if (folder) await rm(folder, { recursive: true });
  });

  it('are made of a picture, shown in the gallery with their own picture, and in three dimensions', async () => {
    const { page, faults, context } = await rig.open('/meshes');
    faults.accept(/WebGL/); // there is no graphics card here: the driver says so
    await page.getByText('No meshes').waitFor();
    await page.getByLabel('Mode').selectOption('relief');
    await page.getByLabel('Height, mm').fill('12');
    await page.getByLabel('Picture').setInputFiles(join(folder, 'hills.png'));
    await page.getByText('More parameters').click();
    const base = page.getByLabel('Base, mm');
    await base.fill('thin');
    faults.accept(/400/);
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('alert').waitFor();
    const described = await base.getAttribute('aria-describedby');
    expect(await page.locator(`[id="${described}"]`).textContent()).toMatch(/number/);
    await base.fill('2,5');
    await page.getByLabel('OBJ besides GLB').uncheck();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByText('The mesh is there').waitFor();
    const card = page.getByRole('list', { name: 'Meshes' }).getByRole('listitem');
    await card.locator('img').waitFor();
    const drawn = () => card.locator('img').evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth);
    await waitFor(async () => (await drawn()) === 512, { describe: 'the thumbnail' });
    expect(await accessibilityFaults(page)).toEqual([]);
    await picture(page, 'mesh-gallery');

    await card.getByRole('link').click();
    await page.getByText('yes, welded by position').waitFor();
    await page.getByText(/100\.0 × \d+\.\d × 1\d\.\d mm/).waitFor();
    expect(await page.getByRole('link', { name: /^OBJ/ }).count()).toBe(0);
    const canvas = page.locator('[data-viewer]');
    await waitFor(async () => (await canvas.getAttribute('data-viewer')) !== 'loading', {
      describe: 'the viewer',
    });
    if ((await canvas.getAttribute('data-viewer')) === 'shown') {
      await canvas.locator('canvas').focus();
      await page.keyboard.press('ArrowLeft');
    } else await page.getByText('cannot be shown in three dimensions').waitFor();
    await picture(page, 'mesh');
    expect(await accessibilityFaults(page)).toEqual([]);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /^STL/ }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('hills.stl');
    await faults.expectNone();
    await context.close();
  });

  it('are made of many pictures at once; what fails says why, and can be made again', async () => {
    const { page, faults, context } = await rig.open('/mesh-batches');
    await page.getByLabel('Name').fill('Gears');
    await page
      .getByLabel('Pictures')
      .setInputFiles(['gear.png', 'broken.png', 'hills.png'].map((name) => join(folder, name)));
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('2 of 3 made, 1 failed').waitFor({ timeout: 90_000 });
    await page.getByRole('rowheader', { name: 'broken.png' }).waitFor();
    await page
      .getByText(/damaged or incomplete/)
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'Download as ZIP' }).waitFor();
    await page.getByRole('button', { name: 'Make the failed ones again' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await picture(page, 'mesh-batch');

    await page.getByRole('link', { name: 'broken.png' }).click();
    await page.getByRole('heading', { name: 'Why it could not be made' }).waitFor();
    await page.getByText('INVALID_INPUT').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await picture(page, 'mesh-failed');
    await page.getByRole('button', { name: 'Make it again' }).click();
    await page.getByText('It is made again').waitFor();
    await faults.expectNone();
    await context.close();
  });

  it('fit a telephone and 200 % zoom, in the dark, and offer nothing that a key may not do', async () => {
    const { page, faults, context } = await rig.open('/meshes', {
      viewport: { width: 375, height: 740 },
      colorScheme: 'dark',
      scopes: ['jobs:read'],
    });
    await page.getByRole('heading', { name: 'Meshes' }).waitFor();
    await page.getByRole('list', { name: 'Meshes' }).waitFor();
    expect(await page.getByRole('button', { name: 'Make it' }).count()).toBe(0);
    expect(await scrollsSideways(page)).toBe(false);
    expect(await accessibilityFaults(page)).toEqual([]);
    await picture(page, 'mesh-gallery-dark');
    faults.accept(/WebGL/); // there is no graphics card here: the driver says so
    const places = ['/meshes', '/mesh-batches'];
    for (const list of places.slice()) {
      await page.goto(list);
      await page.locator(`main a[href^="${list}/"]`).first().waitFor();
      places.push((await page.locator(`main a[href^="${list}/"]`).first().getAttribute('href')) as string);
    }
    for (const path of places) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('[role=status]', { hasText: 'Loading' }).first().waitFor({ state: 'detached' });
      expect([path, await accessibilityFaults(page)]).toEqual([path, []]);
      for (const width of [375, 320]) {
        await page.setViewportSize({ width, height: 740 });
        expect([path, width, await scrollsSideways(page)]).toEqual([path, width, false]);
      }
    }
    await faults.expectNone();
    await context.close();
  });
});
