import { amqpFields, bool, databaseFields, durationMs, integer, jobRuleFields, port, text } from '@roundhouse/service';
import { z } from 'zod';
import { trustedProxies } from './platform/http/trusted-proxies.js';
import { spreadsheetFields } from './workloads/spreadsheets/spreadsheet-config.js';
import { statusFields } from './platform/status/status-config.js';
import { consoleFields } from './platform/console/console-config.js';
import { meshFields } from './workloads/mesh/mesh-config.js';
import { tradingFields } from './workloads/trading/trading-config.js';

export const gatewayConfig = z.object({
  ...amqpFields,
  ...databaseFields,
  ...jobRuleFields,
  ...tradingFields,
  ...meshFields,
  ...consoleFields,
  ...spreadsheetFields,
  ...statusFields,
  httpHost: text('a host name or address').default('127.0.0.1'),
  /** 0: any free port; the start line says which. */
  httpPort: port().default(0),
  /** Proxies in front of it, which end TLS. */
  trustedProxies: trustedProxies(),
  /** Connections to PostgreSQL. */
  databasePool: integer(2, 200).default(12),
  /** Jobs that may wait for the broker before new ones are refused. */
  outboxCap: integer(1, 100_000_000).default(1_000_000),
  /** How long what attempts have logged is kept. */
  attemptLogRetention: durationMs({ min: 60_000 }).default(14 * 86_400_000),
  /** Lets webhooks be at http: and private addresses; the notifier needs the same. For tests and the own network. */
  allowPrivateWebhooks: bool().default(false),
});

export type GatewayConfig = z.output<typeof gatewayConfig>;
