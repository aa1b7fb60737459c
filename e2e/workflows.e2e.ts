import { waitFor } from '@roundhouse/testing';
import { Client, type ProbePayload } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let acme: Client;
beforeAll(async () => {
  platform = await startPlatform({ workers: 2 });
  ({ acme } = platform);
});
afterAll(() => platform?.stop());

type On = string | { ref: string; condition?: string; otherwise?: string };

const node = (ref: string, on: On[] = [], payload: ProbePayload & { inputs?: string[] } = {}) => ({
  ref,
  kind: 'platform.probe',
  payload: { text: ref, ...payload },
  depends_on: on.map((edge) => (typeof edge === 'string' ? { ref: edge } : edge)),
});
const dies: ProbePayload = { failures: 9, failure_code: 'ERROR_CODE_INVALID_INPUT' };
const post = (path: string, body: object = {}) => acme.send(path, { method: 'POST', body });

interface Node {
  ref: string;
  id: string;
  state: string;
  started_at: string;
  finished_at: string;
  depends_on: { ref: string; met: boolean }[];
}

async function when(id: string, wanted: (nodes: Record<string, Node>, workflow: { state: string }) => boolean) {
  const look = async () => {
    const { body } = await acme.send(`/v1/workflows/${id}`);
    const nodes: Record<string, Node> = Object.fromEntries(body.jobs.map((job: Node) => [job.ref, job]));
    if (!wanted(nodes, body)) throw new Error(JSON.stringify(body));
    return { ...body, nodes };
  };
  return waitFor(look, { describe: `workflow ${id}` });
}
const finished = (id: string) => when(id, (_, { state }) => state === 'finished');

it('runs a graph in its order and passes results on', async () => {
  const created = await post('/v1/workflows', {
    name: 'diamond',
    jobs: [
      node('report', ['left', 'right'], { inputs: ['left', 'right'] }),
      node('left', ['start'], { inputs: ['start'], work: '0.2s' }),
      node('right', ['start']),
      node('start'),
    ],
    on_success: { kind: 'platform.noop', payload: { text: 'all done' } },
  });
  expect(created.status).toBe(202);
  expect(created.body.jobs.map(({ ref }: Node) => ref)).toEqual(['report', 'left', 'right', 'start']);
  const { nodes, callback_jobs: callbacks, ...flow } = await finished(created.body.id);
  expect(flow).toMatchObject({ total: 4, succeeded: 4, percent: 100 });
  for (const [ref, others] of Object.entries({ left: ['start'], right: ['start'], report: ['left', 'right'] })) {
    for (const other of others)
      expect(Date.parse(nodes[ref]!.started_at)).toBeGreaterThanOrEqual(Date.parse(nodes[other]!.finished_at));
    expect(nodes[ref]!.depends_on).toEqual(others.map((other) => expect.objectContaining({ ref: other, met: true })));
  }
  expect(await acme.job(nodes.report!.id)).toMatchObject({ result: { text: 'report left start right' } });
  expect(await acme.finished(callbacks.on_success)).toMatchObject({ result: { text: 'all done' } });
});

it('cancels, goes on or waits after a failure, as each edge says', async () => {
  const { body } = await post('/v1/workflows', {
    name: 'failing',
    jobs: [
      node('a', [], dies),
      node('needs', ['a']),
      node('behind', ['needs']),
      node('anyway', [{ ref: 'a', condition: 'finished' }], { inputs: ['a'] }),
      node('patient', [{ ref: 'a', otherwise: 'keep_waiting' }]),
    ],
  });
  const { nodes } = await when(
    body.id,
    ({ anyway, behind }) => anyway!.state === 'succeeded' && behind!.state === 'cancelled',
  );
  expect(
    Object.values<Node>(nodes)
      .map(({ ref, state }) => `${ref} ${state}`)
      .sort(),
  ).toEqual(['a dead', 'anyway succeeded', 'behind cancelled', 'needs cancelled', 'patient blocked']);
  const explained = await acme.send(`/v1/jobs/${nodes.patient!.id}/explain`);
  expect(explained.body).toMatchObject({
    waiting_for: 'dependency',
    why: expect.stringContaining('for a (dead)'),
    related: [{ rel: 'dependency', job_id: nodes.a!.id, href: `/v1/jobs/${nodes.a!.id}` }],
  });
  expect((await post(`/v1/workflows/${body.id}/cancel`)).status).toBe(202);
  expect(await finished(body.id)).toMatchObject({ dead: 1, succeeded: 1, cancelled: 3 });
});

it('refuses what is no graph, naming each fault, and stores nothing', async () => {
  const refused = async (...jobs: object[]) => {
    const { status, body } = await post('/v1/workflows', { name: 'refused', jobs });
    expect(status).toBe(400);
    return body.errors;
  };
  expect(await refused(node('a', ['c']), node('b', ['a']), node('c', ['b']))).toEqual([
    { path: 'jobs[0].depends_on[0].ref', message: 'the jobs wait for each other: a → c → b → a' },
  ]);
  expect(await refused(node('a'), node('a'), node('b', ['x']))).toMatchObject([
    { path: 'jobs[1].ref' },
    { path: 'jobs[2].depends_on[0].ref' },
  ]);
  expect(await refused(node('a', [{ ref: 'b', condition: 'maybe' }]))).toMatchObject([
    { path: 'jobs[0].depends_on[0].condition' },
  ]);
  expect(await refused({ ...node('a'), kind: 'no.such' })).toMatchObject([{ path: 'jobs[0].kind' }]);
  expect(
    (await acme.send('/v1/workflows?limit=500')).body.workflows.map(({ name }: { name: string }) => name),
  ).not.toContain('refused');
});

it('chains jobs behind one, and gives the chain up when one fails', async () => {
  const chained = await post('/v1/jobs', {
    kind: 'platform.probe',
    payload: { text: 'one' },
    then: [
      { kind: 'platform.probe', payload: { text: 'two', inputs: ['1'] } },
      { kind: 'platform.probe', payload: { text: 'three', inputs: ['2'] } },
    ],
  });
  expect(chained).toMatchObject({ status: 202, body: { state: 'queued', workflow_id: expect.any(String) } });
  const { nodes } = await finished(chained.body.workflow_id);
  expect(nodes['1']!.id).toBe(chained.body.id);
  expect(await acme.job(nodes['3']!.id)).toMatchObject({ result: { text: 'three two one' } });

  const broken = await post('/v1/jobs', {
    kind: 'platform.probe',
    payload: dies,
    then: [{ kind: 'platform.probe', payload: {} }],
  });
  expect(await finished(broken.body.workflow_id)).toMatchObject({ dead: 1, cancelled: 1 });
  const invalid = await post('/v1/jobs', {
    kind: 'platform.probe',
    payload: {},
    then: [{ kind: 'platform.probe', payload: { steps: -1 } }],
  });
  expect(invalid).toMatchObject({ status: 400, body: { errors: [{ path: 'then[0].payload.steps' }] } });
});

it('starts a repeated request once', async () => {
  const body = { name: 'once', jobs: [node('a'), node('b', ['a'])] };
  const send = (name = 'once') =>
    acme.send('/v1/workflows', { method: 'POST', body: { ...body, name }, headers: { 'idempotency-key': 'flow-1' } });
  const [first, second] = await Promise.all([send(), send()]);
  expect(second.body).toEqual(first.body);
  expect((await send('other')).status).toBe(422);
});
