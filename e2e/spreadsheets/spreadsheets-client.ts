import type { Client } from '../platform/client.js';

/** The routes of spreadsheets as one tenant uses them. */
export class SpreadsheetsClient {
  constructor(
    private readonly baseUrl: () => string,
    private readonly client: Client,
  ) {}

  /** The body of an answer that is a success; another one is an error. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the route answers
  async send(path: string, method = 'GET', body?: object): Promise<any> {
    const answer = await this.client.send(path, { method, body });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the route answers
  async upload(content: string | Buffer, name: string): Promise<{ status: number; body: any }> {
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(Buffer.from(content))]), name);
    const answer = await fetch(`${this.baseUrl()}/v1/spreadsheets/uploads`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.client.key}` },
      body: form,
    });
    return { status: answer.status, body: await answer.json() };
  }

  /** @returns the upload's id */
  async uploaded(content: string | Buffer, name: string): Promise<string> {
    const { status, body } = await this.upload(content, name);
    if (status !== 201) throw new Error(`${name}: ${status} ${JSON.stringify(body)}`);
    return body.id;
  }

  /** Without a key: the link is enough. */
  async download(link: string): Promise<{ bytes: Buffer; name: string; status: number }> {
    const answer = await fetch(`${this.baseUrl()}${link}`);
    const name = /filename="([^"]*)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1] ?? '';
    return { bytes: Buffer.from(await answer.arrayBuffer()), name, status: answer.status };
  }
}
