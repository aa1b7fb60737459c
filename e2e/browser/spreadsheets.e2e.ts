import { read as readSheet, write as writeSheet } from '@e965/xlsx';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { describeInBrowser } from './chromium.js';
import { ConsoleTest } from './console.js';
import { picture } from './screens.js';

const csv = [
  'Article,Item name,Qty,Added',
  ...Array.from({ length: 40 }, (_, i) => `A-${i},Thing ${i},${i === 7 ? 'seven' : i},2026-01-31`),
].join('\n');

describeInBrowser('spreadsheets in the console', () => {
  let rig: ConsoleTest;
  beforeAll(async () => {
    rig = await ConsoleTest.start({ workers: 0, importers: 1 });
  });
  afterAll(() => rig?.stop());

  const field = (page: Page, column: number, label: string) =>
    page.getByRole('group', { name: `Column ${column}` }).getByLabel(label);

  async function createTemplate(page: Page): Promise<void> {
    await page.getByRole('link', { name: 'New template' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Articles');
    await page.getByLabel('Target').fill('articles');
    await page.getByLabel('Key').fill('article');
    const columns = [
      { name: 'article', header: 'Article', type: 'string', required: true },
      { name: 'name', header: 'Name', type: 'string', aliases: 'label' },
      { name: 'quantity', header: 'Quantity', type: 'integer', aliases: 'qty', more: '{"rule": {"min": 0}}' },
    ];
    for (const [i, column] of columns.entries()) {
      if (i > 0) await page.getByRole('button', { name: 'Add a column' }).click();
      await field(page, i + 1, 'Column name').fill(column.name);
      await field(page, i + 1, 'Header').fill(column.header);
      await field(page, i + 1, 'Type').selectOption(column.type);
      if (column.required) await field(page, i + 1, 'required').check();
      await field(page, i + 1, 'Other names').fill(column.aliases ?? '');
      await field(page, i + 1, 'Further settings').fill(column.more ?? '');
    }
    await picture(page, 'sheet-template');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'Articles' }).waitFor();
  }

  async function upload(page: Page, name: string, content: Buffer): Promise<void> {
    await page
      .getByLabel('An .xlsx, .xls or .csv file')
      .setInputFiles({ name, mimeType: 'text/plain', buffer: content });
    await page.getByText(name).first().waitFor();
  }

  it('takes a sheet from the upload to its corrected rows, and gives it back', async () => {
    const { page, faults, context } = await rig.open('/spreadsheets/templates', { acceptDownloads: true });
    await createTemplate(page);

    await page.goto('/spreadsheets/imports/new');
    faults.accept(/400/);
    const file = page.getByLabel('An .xlsx, .xls or .csv file');
    await file.setInputFiles({
      name: 'x.xls',
      mimeType: 'text/plain',
      buffer: Buffer.from('<html><table></table></html>'),
    });
    await page.getByRole('alert').getByText('web page').first().waitFor();
    await picture(page, 'sheet-refused');

    await upload(page, 'articles.csv', Buffer.from(csv));
    await page.getByLabel('Template').selectOption({ label: 'Articles (version 1)' });
    // Mapped by its name, by an alias, and not at all.
    const columns = page.getByRole('group', { name: 'Columns of the template' });
    await columns.getByText('100 %').first().waitFor();
    await page.getByLabel('Column for Name').selectOption('Item name');
    const first = page.getByRole('group', { name: 'The first rows' });
    await first.getByText('Thing 3', { exact: true }).waitFor();
    await first.getByText('Quantity is no number: "seven"').waitFor();
    await picture(page, 'sheet-preview');
    expect(await accessibilityFaults(page)).toEqual([]);

    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'articles.csv' }).waitFor();
    await page.getByRole('status').getByText('39 created, 1 failed').waitFor();
    const errors = page.getByRole('group', { name: 'What is wrong with the rows that failed' });
    await errors.getByText('seven', { exact: true }).waitFor();
    await picture(page, 'sheet-imported');
    expect(await accessibilityFaults(page)).toEqual([]);
    const statusLink = await page.getByRole('link', { name: 'Status page' }).getAttribute('href');
    const shared = await context.newPage();
    expect((await shared.goto(statusLink as string))?.status()).toBe(200);
    await shared.getByText('39 created, 1 failed').first().waitFor();
    await shared.reload();
    await shared.getByText('39 created, 1 failed').first().waitFor();
    await picture(shared, 'sheet-status');

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the rows that failed' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('failed-articles.xlsx');
    const book = readSheet(await readFile(await download.path()));
    book.Sheets['Failed rows']!.C2 = { t: 'n', v: 7 };
    await page.getByRole('link', { name: 'import the corrected file' }).click();
    await upload(page, 'fixed.xlsx', writeSheet(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer);
    await page.getByLabel('Column for Name').selectOption('Item name');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByRole('status').getByText('1 created').waitFor();

    const filters = [{ column: 'quantity', is: '>=', value: 38 }];
    const query = { name: 'Last ones', target: 'articles', filters };
    await rig.platform.acme.send('/v1/spreadsheets/queries', { method: 'POST', body: query });
    await page.getByRole('link', { name: 'Exports' }).first().click();
    await page.getByText('sheets_acme.articles').waitFor();
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByText('completed').waitFor();
    await picture(page, 'sheet-exports');
    const [exported] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download articles.xlsx' }).click(),
    ]);
    const sheet = readSheet(await readFile(await exported.path())).Sheets.articles!;
    expect(sheet['!ref']).toBe('A1:C41');
    await page.getByLabel('Records of').selectOption({ label: 'Last ones (query of articles)' });
    await page.getByLabel('Format').selectOption('csv');
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const [some] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download Last ones.csv' }).click(),
    ]);
    expect((await readFile(await some.path(), 'utf8')).split('\r\n').slice(1, 3)).toEqual([
      'A-38,Thing 38,38',
      'A-39,Thing 39,39',
    ]);
    expect(await accessibilityFaults(page)).toEqual([]);
    await faults.expectNone();
    await context.close();
  });

  it.each(['light', 'dark'] as const)(
    'is accessible with what there is, and fits a telephone and 200 % zoom, %s',
    async (colorScheme) => {
      const { page, faults, context } = await rig.open('/spreadsheets/imports', { colorScheme });
      const details: string[] = [];
      for (const list of ['imports', 'templates']) {
        await page.goto(`/spreadsheets/${list}`);
        await page.locator('main table a').first().waitFor();
        details.push((await page.locator('main table a').first().getAttribute('href')) as string);
      }
      const paths = ['imports', 'exports', 'templates', 'templates/new'].map((name) => `/spreadsheets/${name}`);
      for (const path of [...paths, ...details]) {
        await page.goto(path);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.locator('[role=status]', { hasText: 'Loading' }).first().waitFor({ state: 'detached' });
        expect([path, await accessibilityFaults(page)]).toEqual([path, []]);
        for (const width of [375, 320]) {
          await page.setViewportSize({ width, height: 700 });
          expect([path, width, await scrollsSideways(page)]).toEqual([path, width, false]);
        }
      }
      await faults.expectNone();
      await context.close();
    },
  );
});
