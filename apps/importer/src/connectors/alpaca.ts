import { JobFailure } from '@roundhouse/jobs';
import { HttpJson } from '@roundhouse/trading';
import type { FillPage, FillSource, FillWindow, RawFill, RowError } from '../fills/broker.js';
import { decodeCursor, encodeCursor, isCount } from '../fills/cursor.js';
import { canonicalDecimal } from '../fills/decimal-text.js';
import { currencyOf, externalId, notNegative, positive, sideOf, symbolOf } from '../fills/fill-fields.js';
import { fieldText, itemsOf, objectOf, sensibleWindow, throughWindow, type ProviderHttp } from './provider.js';
import { readRow, RowProblem } from '../fills/row-problem.js';
import { timestampOf } from '../fills/timestamp.js';

const SOURCE = 'alpaca';
const PAGE_SIZE = 100;

export interface AlpacaConfig extends ProviderHttp {
  /** Name of the connection, for messages. */
  connection: string;
  keyId: string;
  secret: string;
  /** Default https://api.alpaca.markets. */
  baseUrl?: string;
  /** Of the account. Default USD. */
  currency?: string;
}

interface State {
  /** Id of the last activity read. */
  after: string;
  /** Activities read. */
  row: number;
}

/**
 * Fills of an Alpaca account, oldest first. Each partial fill is a fill of its own. Alpaca reports no fee with a fill
 * (its regulatory fees are separate activities), so the fee is 0.
 */
export class AlpacaFills implements FillSource {
  private readonly http: HttpJson;

  /** Throws INVALID_INPUT when the base URL may not be used. */
  constructor(private readonly config: AlpacaConfig) {
    this.http = new HttpJson({
      ...config,
      provider: 'Alpaca',
      baseUrl: config.baseUrl ?? 'https://api.alpaca.markets',
      credential: `API key of the connection "${config.connection}"`,
    });
  }

  async *pages(window: FillWindow, cursor: string | undefined, signal: AbortSignal): AsyncIterable<FillPage> {
    const sensible = sensibleWindow(window);
    const isState = ({ after, row }: Record<string, unknown>): boolean => typeof after === 'string' && isCount(row);
    let state = decodeCursor<State>(SOURCE, cursor, isState) ?? { after: '', row: 0 };
    for (;;) {
      const items = itemsOf('Alpaca', await this.request(sensible, state.after, signal));
      const page = this.page(items, window, state.row);
      const last = items.length < PAGE_SIZE;
      state = { after: lastId(items) ?? state.after, row: state.row + items.length };
      const at = page.fills.at(-1)?.at ?? sensible.since;
      const fraction = last ? 1 : throughWindow(at, sensible);
      yield { ...page, cursor: encodeCursor(SOURCE, state), fraction };
      if (last) return;
    }
  }

  private async request({ since, until }: FillWindow, after: string, signal: AbortSignal): Promise<unknown> {
    const query = new URLSearchParams({
      after: new Date(Math.max(since.getTime() - 1, 0)).toISOString(), // Alpaca means "later than"
      until: until.toISOString(),
      direction: 'asc',
      page_size: String(PAGE_SIZE),
    });
    if (after) query.set('page_token', after);
    const answer = await this.http.get(
      () => ({
        path: `/v2/account/activities/FILL?${query}`,
        headers: { 'apca-api-key-id': this.config.keyId, 'apca-api-secret-key': this.config.secret },
      }),
      signal,
    );
    const items = itemsOf('Alpaca', answer);
    if (items.length > 0 && items.length >= PAGE_SIZE && (lastId(items) ?? after) === after)
      throw new JobFailure('UNAVAILABLE', `Alpaca repeats the page after ${after || 'the beginning'}`);
    return items;
  }

  private page(items: unknown[], window: FillWindow, before: number): Omit<FillPage, 'cursor' | 'fraction'> {
    const fills = new Map<string, RawFill>();
    const rowErrors: RowError[] = [];
    items.forEach((item, index) => {
      const read = readRow(before + index + 1, () => this.fill(item));
      if ('error' in read) rowErrors.push(read.error);
      else if (window.since <= read.value.at && read.value.at < window.until) fills.set(read.value.extId, read.value);
    });
    const fetched = fills.size + rowErrors.length;
    return { fills: [...fills.values()], rowErrors, fetched, skipped: items.length - fetched };
  }

  private fill(item: unknown): RawFill {
    const activity = objectOf(item);
    const text = (field: string): string => fieldText(activity, field);
    const side = sideOf(text('side'));
    if (!side)
      throw new RowProblem('side', text('side'), 'side is neither buy, sell nor sell_short; report it to the provider');
    return {
      extId: externalId('id', text('id')),
      symbol: symbolOf('symbol', text('symbol')),
      side,
      quantity: positive('qty', canonicalDecimal('qty', text('qty'))),
      price: notNegative('price', canonicalDecimal('price', text('price'))),
      fee: '0',
      feeCurrency: currencyOf('currency', this.config.currency ?? 'USD'),
      at: timestampOf('transaction_time', text('transaction_time'), 'UTC'),
    };
  }
}

/** Id of the last item that has one: it is the token of the next page. */
function lastId(items: readonly unknown[]): string | undefined {
  for (let index = items.length - 1; index >= 0; index--) {
    const id = (items[index] as { id?: unknown } | null)?.id;
    if (typeof id === 'string' && id !== '') return id;
  }
  return undefined;
}
