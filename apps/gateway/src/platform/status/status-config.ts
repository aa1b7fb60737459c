import { base64Key, base64Keys, durationMs, url } from '@roundhouse/service';

export const statusFields = {
  /** Signs status links. */
  statusKey: base64Key(32),
  previousStatusKeys: base64Keys(32),
  /** Where people reach this gateway, for links: `https://jobs.example.com`. Without it links begin as the request that asked for them. */
  publicUrl: url(['http', 'https']).optional(),
  /** How long status links that are given out with an upload hold. */
  statusLinkLifetime: durationMs({ min: 60_000, max: 365 * 86_400_000 }).default(86_400_000),
};

export interface StatusConfig {
  statusKey: Buffer;
  previousStatusKeys: readonly Buffer[];
  publicUrl?: string;
  statusLinkLifetime: number;
}
