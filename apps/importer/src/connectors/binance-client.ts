import { createHmac } from 'node:crypto';
import { JobFailure } from '@roundhouse/jobs';
import { HttpAnswerError, HttpJson } from '@roundhouse/trading';
import type { ProviderHttp } from './provider.js';

export interface BinanceCredentials extends ProviderHttp {
  /** Name of the connection, for messages. */
  connection: string;
  apiKey: string;
  secret: string;
  /** Default https://api.binance.com. */
  baseUrl?: string;
}

const WRONG_CLOCK = '-1021';
/** Bad key format, bad signature, key without the right or from another address: Binance sends some of them as HTTP 400. */
const BAD_CREDENTIAL = new Set(['-1022', '-2014', '-2015']);

export function binanceCode(error: unknown): string | undefined {
  return error instanceof JobFailure && error.cause instanceof HttpAnswerError ? error.cause.providerCode : undefined;
}

/** Signed requests to Binance's account endpoints. A wrong clock on this machine is corrected by the server's. */
export class BinanceClient {
  private readonly http: HttpJson;
  private clockOffset = 0;

  /** Throws INVALID_INPUT when the base URL may not be used. */
  constructor(private readonly config: BinanceCredentials) {
    this.http = new HttpJson({
      ...config,
      provider: 'Binance',
      baseUrl: config.baseUrl ?? 'https://api.binance.com',
      credential: `API key of the connection "${config.connection}"`,
    });
  }

  async signed(path: string, parameters: Record<string, string>, signal: AbortSignal): Promise<unknown> {
    try {
      return await this.once(path, parameters, signal);
    } catch (error) {
      const code = binanceCode(error);
      if (code !== undefined && BAD_CREDENTIAL.has(code))
        throw new JobFailure(
          'UNAUTHENTICATED',
          `Binance refused the API key of the connection "${this.config.connection}" (${code}). Renew key and secret, allow it to read trades, and import again`,
          { cause: error, field: 'connection_id' },
        );
      if (code !== WRONG_CLOCK) throw error;
      await this.setClock(signal);
      return this.once(path, parameters, signal);
    }
  }

  private once(path: string, parameters: Record<string, string>, signal: AbortSignal): Promise<unknown> {
    return this.http.get(() => {
      const timestamp = String(Date.now() + this.clockOffset);
      const query = new URLSearchParams({ ...parameters, recvWindow: '5000', timestamp }).toString();
      const signature = createHmac('sha256', this.config.secret).update(query).digest('hex');
      return { path: `${path}?${query}&signature=${signature}`, headers: { 'x-mbx-apikey': this.config.apiKey } };
    }, signal);
  }

  private async setClock(signal: AbortSignal): Promise<void> {
    const answer = (await this.http.get(() => ({ path: '/api/v3/time' }), signal)) as { serverTime?: unknown } | null;
    if (typeof answer?.serverTime !== 'number')
      throw new JobFailure('UNAVAILABLE', 'Binance does not tell its time, and the clock of this machine is wrong');
    this.clockOffset = answer.serverTime - Date.now();
  }
}
