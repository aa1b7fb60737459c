import type { S3Client } from '@aws-sdk/client-s3';
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const bucket = 'tests';
const accessKeyId = 'S3RVER';
const secretAccessKey = 'S3RVER';

/** An S3-compatible store on a free local port, with one bucket, that keeps its objects in a temporary folder. */
export interface TestS3 {
  readonly client: S3Client;
  /** What a service needs in its environment, besides the URL. */
  readonly env: Readonly<Record<string, string>>;
  /** A storage URL: `s3://tests/of/mine?endpoint=http://127.0.0.1:…`. */
  url(prefix: string): string;
  put(key: string, body: string): Promise<void>;
  /** Of every object, with its prefix. */
  keys(): Promise<string[]>;
  /** Makes every object look so much older: the server takes an object's time from its files. */
  age(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestS3(): Promise<TestS3> {
  // Loaded here: most tests have no use for them, and they are large.
  const aws = await import('@aws-sdk/client-s3');
  const { default: S3rver } = await import('s3rver');
  const directory = await mkdtemp(join(tmpdir(), 's3-'));
  const server = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory });
  const { port } = (await server.run()) as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new aws.S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  await client.send(new aws.CreateBucketCommand({ Bucket: bucket }));
  return {
    client,
    env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    url: (prefix) => `s3://${bucket}/${prefix}?endpoint=${endpoint}`,
    async put(Key, Body) {
      await client.send(new aws.PutObjectCommand({ Bucket: bucket, Key, Body }));
    },
    async keys() {
      const { Contents = [] } = await client.send(new aws.ListObjectsV2Command({ Bucket: bucket }));
      return Contents.map(({ Key }) => Key as string);
    },
    async age(ms) {
      const then = new Date(Date.now() - ms);
      for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }))
        if (entry.isFile()) await utimes(join(entry.parentPath, entry.name), then, then);
    },
    async stop() {
      client.destroy();
      await server.close();
      await rm(directory, { recursive: true });
    },
  };
}
