import { amqpFields, bool, databaseFields, integer, text, url, workerFields } from '@roundhouse/service';
import { availableParallelism } from 'node:os';
import { z } from 'zod';

export const meshConfig = z.object({
  ...amqpFields,
  ...workerFields,
  ...databaseFields,
  /** Folder of stored files, shared with the gateway. */
  storageDir: text('a folder'),
  /** Where files lie instead of that folder: `s3://bucket/prefix?endpoint=…&region=…`, the same as the gateway's. */
  storageUrl: url(['s3']).optional(),
  /** Where those of meshes lie instead, the same as the gateway's. */
  meshStorageUrl: url(['s3']).optional(),
  /** Meshes that this process makes at once. */
  meshThreads: integer(1, 256).default(Math.max(1, Math.min(8, availableParallelism()))),
  /** Seconds that one mesh may take. */
  meshTimeout: integer(1, 3_600).default(300),
  /** Heap of one thread in MiB; pixels and vertices lie outside of it and are limited by their number. */
  meshHeap: integer(64, 16_384).default(512),
  /** Folder for temporary files. @default roundhouse-mesh in the system's */
  meshWorkDir: text('a folder').optional(),
  /** An engine behind HTTP, for requests that ask for it. */
  meshEngineUrl: url(['http', 'https']).optional(),
  /** Its bearer token. */
  meshEngineKey: text('a token').optional(),
  /** Where the engine reaches the gateway for its callbacks; unset: it is asked and does not call. */
  meshCallbackUrl: url(['http', 'https']).optional(),
  /** Lets images be fetched over http and from private addresses: for tests and the own network. */
  allowPrivateImages: bool().default(false),
});

export type MeshConfig = z.output<typeof meshConfig>;
