import { waitFor } from '@roundhouse/testing';

interface Call {
  body?: FormData | object;
  headers?: Record<string, string>;
}

const over = ['succeeded', 'failed', 'cancelled'];

export type Picture = [name: string, content: Buffer];

export function form(files: readonly Picture[], fields: Record<string, string> = {}): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  for (const [name, content] of files) data.append('file', new Blob([new Uint8Array(content)]), name);
  return data;
}

/** The routes of meshes as one tenant uses them. */
export class MeshClient {
  constructor(
    private readonly baseUrl: () => string,
    private readonly key?: string,
  ) {}

  async send(method: string, path: string, { body, headers }: Call = {}): Promise<Response> {
    const isForm = body instanceof FormData;
    return fetch(`${this.baseUrl()}${path}`, {
      method,
      headers: {
        ...(this.key !== undefined && { authorization: `Bearer ${this.key}` }),
        ...(body && !isForm && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: isForm ? body : body && JSON.stringify(body),
    });
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the route answers
  async call(method: string, path: string, options?: Call): Promise<any> {
    const answer = await this.send(method, path, options);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** The mesh when it is over. */
  finished(id: string, timeoutMs = 60_000) {
    return waitFor(
      async () => {
        const mesh = await this.call('GET', `/v1/meshes/${id}`);
        return over.includes(mesh.state) && mesh;
      },
      { timeoutMs, describe: `mesh ${id} to be over` },
    );
  }

  /** The batch when it is in one of these states. */
  batchIn(id: string, states: readonly string[], timeoutMs = 120_000) {
    return waitFor(
      async () => {
        const batch = await this.call('GET', `/v1/mesh-batches/${id}`);
        if (states.includes(batch.state)) return batch;
        throw new Error(JSON.stringify(batch));
      },
      { timeoutMs, describe: `batch ${id} to be ${states.join(' or ')}` },
    );
  }

  batchOver(id: string, timeoutMs?: number) {
    return this.batchIn(id, ['finished', 'cancelled'], timeoutMs);
  }

  /** @returns the storage key */
  async upload(picture: Picture): Promise<string> {
    const { images } = await this.call('POST', '/v1/images', { body: form([picture]) });
    return images[0].storage_key;
  }

  /** Starts a batch that takes the same picture this often. */
  async batchOf(storageKey: string, images: number, options: object = {}): Promise<string> {
    const { id } = await this.call('POST', '/v1/mesh-batches', {
      body: {
        name: `${images} times`,
        images: Array.from({ length: images }, () => ({ storage_key: storageKey })),
        options: { formats: ['stl'] },
        start: true,
        ...options,
      },
    });
    return id;
  }
}
