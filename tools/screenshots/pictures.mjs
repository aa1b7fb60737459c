// Every picture of docs/screenshots: where it is taken, and what is there when it can be.
const narrow = { viewport: { width: 375, height: 720 } };
const dark = { colorScheme: 'dark' };
const wide = { viewport: { width: 1280, height: 800 } };

/** @typedef {{ name: string, path: string | ((made: object) => string), ready: string, act?: (page: object, made: object) => Promise<void>, anonymous?: boolean }} Picture */

/** @type {Picture[]} */
export const pictures = [
  { name: 'login', path: '/jobs', ready: 'API key', anonymous: true },
  { name: 'overview', path: '/now', ready: 'Workers' },
  { name: 'overview-dark', path: '/now', ready: 'Workers', ...dark },
  { name: 'overview-375', path: '/now', ready: 'Workers', ...narrow },
  { name: 'jobs', path: '/jobs', ready: 'Accepted' },
  { name: 'jobs-dark', path: '/jobs', ready: 'Accepted', ...dark },
  { name: 'jobs-375', path: '/jobs', ready: 'Accepted', ...narrow },
  { name: 'palette', path: '/jobs', ready: 'Accepted', act: openPalette },
  { name: 'job', path: ({ job }) => job, ready: 'Attempts' },
  { name: 'job-blocked', path: ({ blocked }) => blocked, ready: 'Held by' },
  { name: 'job-dead', path: ({ dead }) => dead, ready: 'Attempts' },
  { name: 'job-375', path: ({ job }) => job, ready: 'Attempts', ...narrow },
  { name: 'share', path: ({ job }) => job, ready: 'Attempts', act: share },
  { name: 'failures', path: '/failures', ready: 'INVALID_INPUT' },
  { name: 'failure', path: ({ failure }) => failure, ready: 'INVALID_INPUT' },
  { name: 'redrive', path: ({ redrive }) => redrive, ready: 'Redrive' },
  { name: 'schedules', path: '/schedules', ready: 'Nightly clean-up' },
  { name: 'schedule', path: ({ schedule }) => schedule, ready: 'Hourly check' },
  { name: 'workflow', path: ({ workflow }) => workflow, ready: 'tax-report' },
  { name: 'batch', path: ({ batch }) => batch, ready: 'Catalogue' },
  { name: 'queues', path: '/queues', ready: 'Queue' },
  { name: 'workers', path: '/workers', ready: 'Heard of' },
  { name: 'audit', path: '/audit', ready: 'redrive' },
  { name: 'trades', path: '/trading/trades?user=demo', ready: 'Closed trades' },
  { name: 'what-if', path: '/trading/what-ifs?user=demo', ready: 'All simulations' },
  { name: 'digests', path: '/trading/digests?user=demo', ready: 'Weeks' },
  { name: 'meshes', path: '/meshes', ready: 'gear-14.png' },
  { name: 'mesh', path: ({ mesh }) => mesh, ready: 'Triangles', act: untilDrawn },
  { name: 'mesh-batch', path: ({ meshBatch }) => meshBatch, ready: 'Gears' },
  { name: 'sheet-preview', path: '/spreadsheets/imports/new', ready: 'File', act: upload },
  { name: 'sheet-import', path: ({ sheetImport }) => sheetImport, ready: 'many' },
  { name: 'sheet-template', path: ({ template }) => template, ready: 'Stock list' },
  { name: 'status', path: ({ status }) => status, ready: 'Working', anonymous: true, ...narrow },
  { name: 'status-done', path: ({ sheetStatus }) => sheetStatus, ready: 'Done', anonymous: true, ...narrow },
].map((picture) => ({ ...wide, ...picture }));

async function openPalette(page) {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Page, saved view' }).fill('im');
}

async function share(page) {
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('button', { name: 'Make a link' }).click();
  await page.getByRole('group', { name: 'The new link' }).waitFor();
}

/** The 3-D view is drawn some time after its page. */
async function untilDrawn(page) {
  await page.locator('canvas').waitFor();
  await page.waitForTimeout(1_500);
}

async function upload(page, { sheetFile, templateId }) {
  const file = { name: 'stock.csv', mimeType: 'text/csv', buffer: sheetFile };
  await page.locator('input[type=file]').setInputFiles(file);
  const send = page.getByRole('button', { name: /upload/i });
  if (await send.count()) await send.first().click();
  await page.getByLabel('Template').selectOption(templateId);
  await page.getByRole('table').first().waitFor();
}
