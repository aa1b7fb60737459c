import { z } from 'zod';
import { userIdSchema } from './trading-fields.js';

const secret = z.string().min(1).max(500);
const baseUrl = z
  .url({ protocol: /^https?$/, message: 'must be a URL like https://host' })
  .max(300)
  .optional();
const name = z.string().min(1).max(100);

/** What each broker's connection takes. */
const brokers = {
  alpaca: {
    settings: z.strictObject({
      base_url: baseUrl,
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/)
        .optional(),
    }),
    credentials: z.strictObject({ key_id: secret, secret }),
  },
  binance: {
    settings: z.strictObject({
      base_url: baseUrl,
      symbols: z
        .array(z.string().regex(/^[A-Za-z0-9]{2,20}$/, 'must be a pair like BTCUSDT'))
        .min(1)
        .max(200),
    }),
    credentials: z.strictObject({ api_key: secret, secret }),
  },
};

export type BrokerName = keyof typeof brokers;

export const connectionRequestSchema = z
  .discriminatedUnion('broker', [
    z.strictObject({
      user_id: userIdSchema,
      broker: z.literal('alpaca'),
      name,
      settings: brokers.alpaca.settings.default({}),
      credentials: brokers.alpaca.credentials,
    }),
    z.strictObject({
      user_id: userIdSchema,
      broker: z.literal('binance'),
      name,
      settings: brokers.binance.settings,
      credentials: brokers.binance.credentials,
    }),
  ])
  .meta({ id: 'ConnectionRequest' });

/** Settings and credentials are those of the connection's broker. */
export function connectionChangeSchema(broker: string) {
  const { settings, credentials } = brokers[broker as BrokerName];
  return z.strictObject({ name: name.optional(), settings: settings.optional(), credentials: credentials.optional() });
}

export const anyConnectionChangeSchema = z.union([connectionChangeSchema('alpaca'), connectionChangeSchema('binance')]);
