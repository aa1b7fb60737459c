import { startPlatform, type Platform } from './platform/platform.js';
import { Fuzz, randomOf, toText, type Schema } from './rest/fuzz-values.js';

const seed = Number(process.env.FUZZ_SEED ?? 20_260_131);
const asksPerRoute = Number(process.env.FUZZ_ASKS ?? 10);

interface Parameter {
  name: string;
  in: string;
  schema: Schema;
}
interface Operation {
  parameters: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}
interface Ask {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
}

let platform: Platform;
let key: string;
beforeAll(async () => {
  platform = await startPlatform({ workers: 0 });
  key = (await platform.clientWith('admin', 'payloads:read', 'logs:read')).key ?? '';
});
afterAll(() => platform?.stop());

const boundary = 'edge-of-a-part';
const form = (name: string, text: string): string =>
  `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\n${text}\r\n--${boundary}--\r\n`;

function bodyOf({ requestBody }: Operation, fuzz: Fuzz): Pick<Ask, 'body' | 'headers'> {
  if (!requestBody) return { headers: {} };
  const { 'application/json': json, 'multipart/form-data': multipart } = requestBody.content;
  if (multipart && fuzz.random() < 0.7) {
    const body = form(
      fuzz.pick(['a.csv', 'a\0b.png', '../x', '']),
      fuzz.pick(['', 'a,b\n1,2\n', '\0', 'PK\u0003\u0004']),
    );
    return { body, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
  }
  if (fuzz.random() < 0.05) return { body: '{}', headers: { 'content-type': 'application/x-protobuf' } };
  const value = fuzz.value(json?.schema ?? {}, fuzz.pick([0, 0, 0.1, 0.3]));
  return { body: toText(value), headers: { 'content-type': 'application/json' } };
}

function askFor(route: string, operation: Operation, fuzz: Fuzz): Ask {
  const [method = '', path = ''] = route.split(' ');
  const query = operation.parameters
    .filter((parameter) => parameter.in === 'query' && fuzz.random() < 0.5)
    .map(({ name, schema }) => {
      const value = fuzz.value(schema, 0.3);
      const text = typeof value === 'string' ? value.toWellFormed().slice(0, 1_000) : toText(value).slice(0, 1_000);
      return `${name}=${encodeURIComponent(text)}`;
    });
  const url =
    path.replaceAll(/\{\w+\}/g, (_, at: number) => fuzz.segment(path.slice(0, at - 1))) +
    (query.length > 0 ? `?${query.join('&')}` : '');
  const extra: Record<string, string> =
    fuzz.random() < 0.1 ? { 'idempotency-key': fuzz.pick(['a', 'ä', 'x'.repeat(300)]) } : {};
  const { body, headers } = bodyOf(operation, fuzz);
  return { method, url, body, headers: { authorization: `Bearer ${key}`, ...headers, ...extra } };
}

/** The text of an answer, if it ends within reason: event streams do not. */
async function send({ method, url, headers, body }: Ask): Promise<{ status: number; type: string; text: string }> {
  const stop = new AbortController();
  const response = await fetch(`${platform.service('gateway').url}${url}`, {
    method,
    headers,
    body,
    redirect: 'manual',
    signal: stop.signal,
  });
  const type = response.headers.get('content-type') ?? '';
  const text = type.includes('event-stream') ? '' : await response.text();
  stop.abort();
  return { status: response.status, type, text };
}

const json = () => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });

/** So that most of what is asked for is there. */
const things: Record<string, object> = {
  '/v1/jobs': { kind: 'platform.probe', delay_seconds: 3600 },
  '/v1/batches': { name: 'a', jobs: [{ kind: 'platform.probe' }] },
  '/v1/workflows': { name: 'a', jobs: [{ ref: 'a', kind: 'platform.probe' }] },
  '/v1/schedules': { name: 'a', kind: 'platform.probe', cron: '0 8 * * *' },
  '/v1/mesh-batches': { name: 'a', images: [] },
  '/v1/spreadsheets/templates': {
    name: 'a',
    target: 'a',
    key: ['sku'],
    columns: [{ name: 'sku', type: 'string', required: true }],
  },
};

/** What an answer names, for paths below its own. */
function note(known: Map<string, string[]>, route: string, text: string): void {
  const [, path = ''] = /^\w+ ([^{]*[^{/])/.exec(route) ?? [];
  const named = [...text.slice(0, 2_000).matchAll(/"(?:id|name|fingerprint|key_id)":"([^"\\]{1,100})"/g)];
  if (named.length > 0)
    known.set(path, [...(known.get(path) ?? []), ...named.map(([, name]) => name ?? '')].slice(-50));
}

const counts = (statuses: Record<number, number>, from: number, to: number): number =>
  Object.entries(statuses).reduce((sum, [status, n]) => (+status >= from && +status <= to ? sum + n : sum), 0);

it(`answers whatever it is asked, and fails at nothing (seed ${seed})`, async () => {
  const answer = await fetch(`${platform.service('gateway').url}/openapi.json`);
  const { paths, components } = (await answer.json()) as Document;
  const known = new Map<string, string[]>();
  const resolve = (reference: string): Schema => components.schemas[reference.split('/').at(-1) ?? ''] ?? {};
  const fuzz = new Fuzz(randomOf(seed), resolve, known);
  const routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      // A profile of the process takes as long as it is asked to.
      .filter(() => !path.includes('diagnostics'))
      .map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
  );
  expect(routes.length).toBeGreaterThan(100);
  for (const [path, body] of Object.entries(things)) {
    const made = await send({ method: 'POST', url: path, headers: json(), body: JSON.stringify(body) });
    expect([path, made.text, made.status >= 400]).toEqual([path, made.text, false]);
    note(known, `POST ${path}`, made.text);
  }
  const faults: string[] = [];
  const statuses: Record<number, number> = {};
  const one = async (): Promise<void> => {
    const [route, operation] = fuzz.pick(routes);
    const ask = askFor(route, operation, fuzz);
    const { status, type, text } = await send(ask);
    statuses[status] = (statuses[status] ?? 0) + 1;
    note(known, route, text);
    const isProblem = status < 400 || type.includes('application/problem+json') || type.includes('text/html');
    if (status >= 500 || !isProblem) faults.push(`${JSON.stringify(ask)}: ${status} ${text.slice(0, 300)}`);
  };
  // One after the other: what comes of one must not depend on how fast the others are.
  for (let n = 0; n < routes.length * asksPerRoute; n += 1) await one();
  expect(faults).toEqual([]);
  // Most of it must get beyond the first look.
  const [done = 0, all = 0] = [counts(statuses, 200, 399), counts(statuses, 0, 599)];
  expect(done / all).toBeGreaterThan(0.2);
});
