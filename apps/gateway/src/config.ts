import {
  amqpFields,
  base64Key,
  base64Keys,
  databaseFields,
  durationMs,
  integer,
  jobRuleFields,
  port,
  text,
} from '@roundhouse/service';
import { z } from 'zod';
import { accessKeyFields } from './platform/access/index.js';
import { consoleFields } from './platform/console/index.js';
import { fileFields } from './platform/files/index.js';
import { trustedProxies } from './platform/http/index.js';
import { statusFields } from './platform/status/index.js';
import { webhookFields } from './platform/webhooks/index.js';
import { workloads } from './workloads/index.js';

export const platformFields = {
  ...amqpFields,
  ...databaseFields,
  ...jobRuleFields,
  ...fileFields,
  ...accessKeyFields,
  ...consoleFields,
  ...statusFields,
  ...webhookFields,
  /** Signs what workers prove their grants with. */
  grantKey: base64Key(32),
  previousGrantKeys: base64Keys(32),
  httpHost: text('a host name or address').default('127.0.0.1'),
  /** 0: any free port; the start line says which. */
  httpPort: port().default(0),
  /** How long a client may take to send the headers of a request, and all of it; uploads take their time. */
  httpHeadersTimeout: durationMs({ min: 100 }).default(10_000),
  httpRequestTimeout: durationMs({ min: 100 }).default(300_000),
  /** Proxies in front of it, which end TLS. */
  trustedProxies: trustedProxies(),
  /** Connections to PostgreSQL. */
  databasePool: integer(2, 200).default(12),
  /** Jobs that may wait for the broker before new ones are refused. */
  outboxCap: integer(1, 100_000_000).default(1_000_000),
  /** How long what attempts have logged is kept. */
  attemptLogRetention: durationMs({ min: 60_000 }).default(14 * 86_400_000),
};

const workloadFields: z.ZodRawShape = Object.assign({}, ...workloads.map(({ fields }) => fields));
/** Typed without the fields of workloads: each reads its own. */
const fields: typeof platformFields = { ...platformFields, ...workloadFields };

/** Read at once, so that all that is wrong with it is said at once. */
export const gatewayConfig = z.object(fields);

export type GatewayConfig = z.output<typeof gatewayConfig>;
