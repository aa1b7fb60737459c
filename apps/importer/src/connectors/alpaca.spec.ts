import { collect, startLocalProvider, type LocalProvider, type ProviderHandler } from '@roundhouse/testing';
import { AlpacaFills } from './alpaca.js';

const fromFacts = {
  activity_type: 'FILL',
  id: '20190524113406977::8efc7b9a-8b2b-4000-9955-d36e7db0df74',
  cum_qty: '1',
  leaves_qty: '0',
  price: '1.63',
  qty: '1',
  side: 'buy',
  symbol: 'LPCN',
  transaction_time: '2019-05-24T15:34:06.977Z',
  order_id: '904837e3-3b76-47ec-b432-046db621571b',
  type: 'fill',
};
const window = { since: new Date('2019-05-01T00:00:00Z'), until: new Date('2019-06-01T00:00:00Z') };
const never = new AbortController().signal;

let provider: LocalProvider;
afterEach(() => provider.close());

async function source(handler: ProviderHandler): Promise<AlpacaFills> {
  provider = await startLocalProvider(handler);
  return new AlpacaFills({
    connection: 'main',
    keyId: 'KEY',
    secret: 'SECRET',
    baseUrl: provider.baseUrl,
    allowHttp: true,
    allowPrivate: true,
  });
}

/** An account with `count` activities, one a minute from 20 May on, that pages like Alpaca. */
function account(count: number): ProviderHandler {
  const activities = Array.from({ length: count }, (_, i) => ({
    ...fromFacts,
    id: `2019052000000${String(i).padStart(4, '0')}::id`,
    transaction_time: new Date(Date.UTC(2019, 4, 20, 0, i)).toISOString(),
  }));
  return ({ query }) => {
    const start = activities.findIndex(({ id }) => id === query.get('page_token')) + 1;
    return { body: activities.slice(start, start + Number(query.get('page_size'))) };
  };
}

describe('AlpacaFills', () => {
  it('reads the documented shape', async () => {
    const fills = await source(() => ({
      body: [
        fromFacts,
        { ...fromFacts, id: 'b', side: 'sell_short', type: 'partial_fill', price: '2.50', qty: '0.125' },
      ],
    }));
    const pages = await collect(fills.pages(window, undefined, never));
    expect(pages).toHaveLength(1);
    expect(pages[0]).toMatchObject({ rowErrors: [], fetched: 2, skipped: 0, fraction: 1 });
    expect(pages[0]!.fills).toEqual([
      {
        extId: fromFacts.id,
        symbol: 'LPCN',
        side: 'buy',
        quantity: '1',
        price: '1.63',
        fee: '0',
        feeCurrency: 'USD',
        at: new Date('2019-05-24T15:34:06.977Z'),
      },
      expect.objectContaining({ extId: 'b', side: 'sell', quantity: '0.125', price: '2.5' }),
    ]);
    const [request] = provider.requests;
    expect(request).toMatchObject({
      path: '/v2/account/activities/FILL',
      headers: { 'apca-api-key-id': 'KEY', 'apca-api-secret-key': 'SECRET' },
    });
    expect(Object.fromEntries(request!.query)).toEqual({
      after: '2019-04-30T23:59:59.999Z',
      until: '2019-06-01T00:00:00.000Z',
      direction: 'asc',
      page_size: '100',
    });
  });

  it.each([0, 99, 100, 250])('pages by the last id: %i fills', async (count) => {
    const fills = await source(account(count));
    const pages = await collect(fills.pages(window, undefined, never));
    const ids = pages.flatMap((page) => page.fills.map(({ extId }) => extId));
    expect(new Set(ids).size).toBe(count);
    expect(ids).toHaveLength(count);
    const fractions = pages.map(({ fraction }) => fraction!);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
  });

  it.each([0, 1, 2])('goes on after page %i', async (stop) => {
    const whole = await collect((await source(account(250))).pages(window, undefined, never));
    await provider.close();
    const resumed = await collect((await source(account(250))).pages(window, whole[stop]!.cursor, never));
    const rest = whole.slice(stop + 1).flatMap(({ fills }) => fills);
    expect(resumed.flatMap(({ fills }) => fills)).toEqual(rest);
  });

  it('keeps good rows beside bad ones and says what is wrong', async () => {
    const fills = await source(() => ({
      body: [
        { ...fromFacts, price: 'cheap' },
        fromFacts,
        { ...fromFacts, id: 'c', side: 'gift' },
        { ...fromFacts, id: 'd', qty: '-1' },
        { ...fromFacts, id: 'e', transaction_time: 'yesterday' },
        null,
        { ...fromFacts, id: 'f', transaction_time: '2019-07-01T00:00:00Z' },
      ],
    }));
    const [page] = await collect(fills.pages(window, undefined, never));
    expect(page!.fills.map(({ extId }) => extId)).toEqual([fromFacts.id]);
    expect(page!.rowErrors.map(({ row, column, value }) => [row, column, value])).toEqual([
      [1, 'price', 'cheap'],
      [3, 'side', 'gift'],
      [4, 'qty', '-1'],
      [5, 'transaction_time', 'yesterday'],
      [6, '', 'null'],
    ]);
    expect(page).toMatchObject({ fetched: 6, skipped: 1 });
  });

  it('goes on after the page before a rate limit', async () => {
    const answer = account(250);
    let limited = true;
    const handler: ProviderHandler = (request, response) =>
      limited && provider.requests.length === 3
        ? { status: 429, body: { message: 'too many requests' }, headers: { 'retry-after': '60' } }
        : answer(request, response);
    const fills = await source(handler);
    const seen: string[] = [];
    let cursor: string | undefined;
    const read = async (from: AlpacaFills): Promise<void> => {
      for await (const page of from.pages(window, cursor, never)) {
        seen.push(...page.fills.map(({ extId }) => extId));
        cursor = page.cursor;
      }
    };
    await expect(read(fills)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 60_000 });
    limited = false;
    await provider.close();
    await read(await source(handler)); // another process, later
    expect(seen).toHaveLength(250);
    expect(new Set(seen).size).toBe(250);
  });

  it('names the connection whose key expired', async () => {
    const fills = await source(() => ({ status: 401, body: { message: 'access key verification failed' } }));
    await expect(collect(fills.pages(window, undefined, never))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      field: 'connection_id',
      message: expect.stringContaining('connection "main"'),
    });
  });

  it('refuses an answer that repeats itself, one that is no list, and a foreign cursor', async () => {
    const page = Array.from({ length: 100 }, () => fromFacts);
    const repeating = await source(() => ({ body: page }));
    await expect(collect(repeating.pages(window, undefined, never))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await provider.close();
    const object = await source(() => ({ body: {} }));
    await expect(collect(object.pages(window, undefined, never))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    for (const cursor of ['', '{}', 'null', '{"source":"binance","after":"x","row":1}', '{"source":"alpaca","row":-1}'])
      await expect(collect(object.pages(window, cursor, never))).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        field: 'cursor',
      });
  });
});
