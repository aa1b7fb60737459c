// What the pictures show: jobs in every state, made through REST of a running installation.
import sharp from 'sharp';

const failing = { failures: 99, failure_code: 'ERROR_CODE_INVALID_INPUT' };
const probe = (payload, options) => ({ kind: 'platform.probe', payload, ...(options && { options }) });
const longRun = { timeout_seconds: 3_600 };

/** Waits for a condition that the platform brings about by itself. */
export async function until(what, look, deadlineMs = 120_000) {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function form(name, content, fields = {}) {
  const made = new FormData();
  for (const [key, value] of Object.entries(fields)) made.set(key, value);
  made.append('file', new Blob([content]), name);
  return made;
}

/** A dark gear with a hole, on white. */
function gear(teeth) {
  const points = Array.from({ length: teeth * 4 }, (_, i) => {
    const radius = i % 4 < 2 ? 230 : 185;
    const angle = (2 * Math.PI * i) / (teeth * 4);
    return `${256 + radius * Math.cos(angle)},${256 + radius * Math.sin(angle)}`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512"><rect width="512" height="512" fill="white"/>
    <polygon points="${points.join(' ')}"/><circle cx="256" cy="256" r="70" fill="white"/></svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

/** Everything that the pictures need. @returns paths and addresses by name */
export async function setUpScene(rest) {
  const made = { running: [] };
  await schedules(rest, made);
  await failures(rest, made);
  await meshes(rest, made);
  await sheets(rest, made);
  // Last, so that the newest jobs are in every state.
  await plainJobs(rest, made);
  await groups(rest, made);
  return made;
}

async function plainJobs(rest, made) {
  const jobs = Array.from({ length: 40 }, (_, i) => probe({ text: `order ${1000 + i}`, work: `${(i % 7) / 20}s` }));
  await rest.post('/v1/jobs/bulk', { jobs });
  await rest.post('/v1/jobs', { ...probe({ text: 'nightly report' }), delay_seconds: 5_400 });
  const { id: running } = await rest.post('/v1/jobs', probe({ work: '600s', steps: 400, text: 'archive' }, longRun));
  made.running.push(running);
  made.job = `/jobs/${running}`;
  const link = await rest.post(`/v1/jobs/${running}/status-links`, { may_cancel: true });
  made.status = link.url;
  const limited = { kind: 'platform.probe_limited', payload: { key: 'customer-7', work: '600s' }, options: longRun };
  const held = [];
  for (let i = 0; i < 3; i += 1) held.push((await rest.post('/v1/jobs', limited)).id);
  made.running.push(...held);
  const blocked = await until('a job that waits for a slot', async () => {
    const { jobs: found } = await rest.get('/v1/jobs?state=blocked&kind=platform.probe_limited&limit=1');
    return found[0];
  });
  made.blocked = `/jobs/${blocked.id}`;
}

async function groups(rest, made) {
  const jobs = Array.from({ length: 20 }, (_, i) => probe(i % 9 === 4 ? failing : { text: `page ${i}` }));
  const batch = await rest.post('/v1/batches', { name: 'Catalogue, spring', jobs });
  made.batch = `/batches/${batch.id}`;
  const after = (...refs) => refs.map((ref) => ({ ref, condition: 'succeeded' }));
  const step = (ref, payload, depends = [], options) => ({
    ref,
    ...probe(payload, options),
    depends_on: after(...depends),
  });
  const workflow = await rest.post('/v1/workflows', {
    name: 'Month end',
    jobs: [
      step('fetch-orders', { text: 'orders' }),
      step('fetch-payments', { text: 'payments' }),
      step('match', { text: 'matched' }, ['fetch-orders', 'fetch-payments']),
      step('invoices', { work: '600s', steps: 300 }, ['match'], longRun),
      step('tax-report', { text: 'report' }, ['match']),
      step('send', {}, ['invoices', 'tax-report']),
    ],
  });
  made.workflow = `/workflows/${workflow.id}`;
  made.cancelWorkflow = `/v1/workflows/${workflow.id}/cancel`;
}

async function schedules(rest, made) {
  const { schedules: known } = await rest.get('/v1/schedules');
  for (const [name, cron, zone] of [
    ['Nightly clean-up', '30 2 * * *', 'Europe/Berlin'],
    ['Hourly check', '@hourly', 'UTC'],
  ]) {
    if (known.some((schedule) => schedule.name === name)) continue;
    await rest.post('/v1/schedules', { name, cron, time_zone: zone, kind: 'platform.noop', payload: { text: name } });
  }
  const { schedules: all } = await rest.get('/v1/schedules');
  made.schedule = `/schedules/${all.find(({ name }) => name === 'Hourly check').id}`;
}

async function sheets(rest, made) {
  const columns = [
    { name: 'sku', header: 'Article no', type: 'string', required: true },
    { name: 'name', header: 'Name', type: 'string', required: true },
    { name: 'quantity', header: 'Stock', type: 'integer', rule: { min: 0 } },
    { name: 'price', header: 'Price', type: 'decimal' },
  ];
  const wanted = { name: 'Stock list', target: 'stock', key: ['sku'], columns };
  const { templates } = await rest.get('/v1/spreadsheets/templates');
  const template =
    templates.find(({ name }) => name === wanted.name) ?? (await rest.post('/v1/spreadsheets/templates', wanted));
  const lines = Array.from({ length: 500 }, (_, i) => {
    const stock = [99, 250, 251].includes(i) ? 'many' : i % 60;
    return `A-${1000 + i},Part ${i},${stock},${(i % 90) + 0.5}`;
  });
  const file = `Article no,Name,Stock,Price\n${lines.join('\n')}\n`;
  const upload = await rest.post('/v1/spreadsheets/uploads', form('stock.csv', file));
  const run = await rest.post('/v1/spreadsheets/imports', { upload_id: upload.id, template_id: template.id });
  await rest.finished(run.job_id);
  made.sheetImport = `/spreadsheets/imports/${run.job_id}`;
  made.sheetStatus = run.status_url;
  made.templateId = template.id;
  made.template = `/spreadsheets/templates/${template.id}`;
  made.sheetFile = Buffer.from(file);
  const written = await rest.post('/v1/spreadsheets/exports', { target: 'stock', format: 'xlsx', name: 'Stock' });
  await rest.finished(written.job_id);
}

async function meshes(rest, made) {
  const ids = [];
  for (const teeth of [8, 14, 22])
    ids.push((await rest.post('/v1/meshes', form(`gear-${teeth}.png`, await gear(teeth)))).id);
  const batch = await rest.post('/v1/mesh-batches', { name: 'Gears' });
  for (const teeth of [6, 10, 16])
    await rest.post(`/v1/mesh-batches/${batch.id}/images`, form(`set-${teeth}.png`, await gear(teeth)));
  await rest.post(`/v1/mesh-batches/${batch.id}/start`, {});
  await until('the meshes', async () => (await rest.get(`/v1/mesh-batches/${batch.id}`)).state === 'finished');
  await until('a picture of the mesh', async () => (await rest.get(`/v1/meshes/${ids[1]}`)).thumbnail);
  made.mesh = `/meshes/${ids[1]}`;
  made.meshBatch = `/mesh-batches/${batch.id}`;
}

async function failures(rest, made) {
  const jobs = Array.from({ length: 12 }, (_, i) => probe({ ...failing, text: `order ${i}` }));
  jobs.push(...Array.from({ length: 4 }, () => probe({ ...failing, failure_code: 'ERROR_CODE_NOT_FOUND' })));
  const { jobs: accepted } = await rest.post('/v1/jobs/bulk', { jobs });
  const ids = accepted.map(({ id }) => id);
  const dead = async (id) => (await rest.get(`/v1/jobs/${id}`)).state === 'dead';
  for (const id of ids) await until('the failures', () => dead(id));
  const { fingerprint } = await rest.get(`/v1/jobs/${ids[0]}`);
  made.failure = `/failures/${fingerprint}`;
  made.dead = `/jobs/${ids[0]}`;
  const other = (await rest.get(`/v1/jobs/${ids.at(-1)}`)).fingerprint;
  const redrive = await rest.post('/v1/dead/redrive', {
    filter: { fingerprint: other },
    canary: true,
    reason: 'the orders are there now',
  });
  made.redrive = `/redrives/${redrive.id}`;
  await until('the redrive', async () => (await rest.get(`/v1/redrives/${redrive.id}`)).state !== 'running');
}

/** What runs for the pictures alone is stopped; the rest stays for looking at. */
export async function takeDown(rest, { running, cancelWorkflow }) {
  for (const id of running) await rest.post(`/v1/jobs/${id}/cancel`, {});
  await rest.post(cancelWorkflow, {});
}
