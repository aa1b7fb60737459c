import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { writeStl } from '../../apps/mesh/src/files/stl.js';

export interface Task {
  id: string;
  status: 'running' | 'succeeded' | 'failed' | 'cancelled';
  /** Where it tells its news; undefined: it is asked. */
  callbackUrl: string | undefined;
  result: Buffer;
  asked: number;
}

interface Signature {
  webhookId?: string;
  secret?: string;
}

/**
 * An engine behind HTTP as users would attach one: it makes a box with the sides of the picture, in as many millimetres as
 * pixels. It is told what to do next, and may die and come back at the same address with the tasks it had.
 */
export class HttpEngine {
  readonly tasks = new Map<string, Task>();
  readonly keys = new Map<string, string>();
  healthy = true;
  /** Done with a task as soon as it has it, and says so before it answers. */
  tellsAtOnce = false;
  /** Answers to its callbacks. */
  readonly told: { status: number; body: unknown }[] = [];
  private server: Server | undefined;
  private port = 0;

  constructor(private readonly secret: string) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async open(): Promise<this> {
    const server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
    return this;
  }

  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  /** The only task there is. */
  get task(): Task | undefined {
    if (this.tasks.size > 1) throw new Error(`There are ${this.tasks.size} tasks`);
    return [...this.tasks.values()][0];
  }

  forgetAll(): void {
    this.tasks.clear();
    this.keys.clear();
    this.told.length = 0;
    this.healthy = true;
    this.tellsAtOnce = false;
  }

  async tell(task: Task, sequence: number, news: object, signature: Signature = {}): Promise<number> {
    if (!task.callbackUrl) throw new Error('The task has no callback_url');
    // With blanks, as JSON.stringify would not write it: the signature is over what is sent.
    const body = JSON.stringify({ task_id: task.id, sequence, ...news }, null, 3);
    const { webhookId = randomUUID(), secret = this.secret } = signature;
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signed = createHmac('sha256', secret).update(`${webhookId}.${timestamp}.${body}`).digest('base64');
    const answer = await fetch(task.callbackUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': webhookId,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signed}`,
      },
      body,
    });
    this.told.push({ status: answer.status, body: await answer.json() });
    return answer.status;
  }

  tellSuccess(task: Task, sequence: number, signature?: Signature): Promise<number> {
    const result = { status: 'succeeded', progress: 100, result_url: `/results/${task.id}` };
    return this.tell(task, sequence, result, signature);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const json = (status: number, content: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
    const [, area, id = ''] = request.url!.split('/');
    if (area === 'health') return void json(this.healthy ? 200 : 503, { name: 'boxes', version: '2.0' });
    if (area === 'tasks' && request.method === 'POST') {
      const task = await this.create(request, body);
      if (this.tellsAtOnce) await this.tellSuccess(task, 1);
      return void json(201, { task_id: task.id });
    }
    const task = this.tasks.get(id);
    if (!task) return void json(404, { message: 'no such task' });
    if (area === 'results') return void response.writeHead(200, { 'content-type': 'model/stl' }).end(task.result);
    if (request.method === 'DELETE') task.status = 'cancelled';
    else task.asked += 1;
    const done = task.status === 'succeeded';
    json(200, { status: task.status, progress: done ? 100 : 10, ...(done && { result_url: `/results/${id}` }) });
  }

  /** The same task for the same Idempotency-Key. */
  private async create({ headers }: IncomingMessage, body: Buffer): Promise<Task> {
    const key = String(headers['idempotency-key']);
    const known = this.keys.get(key);
    if (known) return this.tasks.get(known)!;
    const type = { 'content-type': headers['content-type']! };
    const form = await new Response(new Uint8Array(body), { headers: type }).formData();
    const image = Buffer.from(await (form.get('image') as File).arrayBuffer());
    const { width = 0, height = 0 } = await sharp(image).metadata();
    const callbackUrl = form.get('callback_url');
    const task: Task = {
      id: randomUUID(),
      status: 'running',
      callbackUrl: callbackUrl === null ? undefined : String(callbackUrl),
      result: box(width, height, 1),
      asked: 0,
    };
    this.tasks.set(task.id, task);
    this.keys.set(key, task.id);
    return task;
  }
}

function box(x: number, y: number, z: number): Buffer {
  const corner = (i: number) => [i & 1 ? x : 0, i & 2 ? y : 0, i & 4 ? z : 0];
  const positions = Float32Array.from(Array.from({ length: 8 }, (_, i) => corner(i)).flat());
  const sides = [
    [0, 2, 3, 1],
    [4, 5, 7, 6],
    [0, 1, 5, 4],
    [2, 6, 7, 3],
    [0, 4, 6, 2],
    [1, 3, 7, 5],
  ];
  const indices = Uint32Array.from(sides.flatMap(([a, b, c, d]) => [a!, b!, c!, a!, c!, d!]));
  return Buffer.from(writeStl({ positions, indices }));
}
