import { JobFailure } from '@roundhouse/jobs';
import type { FillPage, FillSource, FillWindow, RawFill } from '../fills/broker.js';
import { canonicalDecimal, isNegative, negated, times, withoutSign } from '../fills/decimal-text.js';
import { fileChunks, progressOf, type ByteProgress, type FillFile } from './file-bytes.js';
import { filePages, type RowOutcome } from './file-pages.js';
import { currencyOf, externalId, notNegative, positive, symbolOf } from '../fills/fill-fields.js';
import { flexElements, type FlexElement } from './flex-elements.js';
import { flexTime, type FlexTimeFormat } from './flex-time.js';
import { readRow, RowProblem } from '../fills/row-problem.js';
import { zoneOf } from '../fills/timestamp.js';

const FORMAT = 'ibkr-flex';
/** Categories that count in contracts; their multiplier turns contracts into units. */
const CONTRACTS = new Set(['OPT', 'FUT', 'FOP', 'FSFOP', 'WAR']);

export interface IbkrFlexConfig extends FlexTimeFormat {
  file: FillFile;
}

/**
 * Trades of an Interactive Brokers Flex query in XML. Only executions count: orders and summaries repeat them. Sales
 * have negative quantities, commissions paid are negative.
 */
export class IbkrFlexFills implements FillSource {
  /** Throws INVALID_INPUT for an unknown time zone. */
  constructor(private readonly config: IbkrFlexConfig) {
    zoneOf('time_zone', config.zone ?? '');
  }

  async *pages(window: FillWindow, cursor: string | undefined, signal: AbortSignal): AsyncIterable<FillPage> {
    const { file } = this.config;
    const progress = progressOf(file);
    const rows = this.outcomes(progress, signal);
    yield* filePages({ format: FORMAT, name: file.name, rows, progress }, window, cursor, signal);
  }

  private async *outcomes(progress: ByteProgress, signal: AbortSignal): AsyncIterable<RowOutcome> {
    const { file } = this.config;
    let isRoot = true;
    for await (const element of flexElements(file.name, fileChunks(file, progress, signal))) {
      if (isRoot) checkRoot(file.name, element);
      isRoot = false;
      if (element.name !== 'Trade') continue;
      const outcome = readRow(element.line, () => this.outcome(element.attributes));
      yield 'error' in outcome ? outcome : outcome.value;
    }
  }

  private outcome(trade: Record<string, string>): RowOutcome {
    const level = trade.levelOfDetail ?? '';
    if (level === '')
      throw new RowProblem(
        'levelOfDetail',
        '',
        'levelOfDetail is missing; add it to the Flex query, with executions only',
      );
    return level === 'EXECUTION' ? { fill: execution(trade, this.config) } : { skipped: true };
  }
}

function checkRoot(name: string, { name: root }: FlexElement): void {
  if (root === 'FlexQueryResponse') return;
  const why =
    root === 'FlexStatementResponse' ? 'is the answer to a request, without the statement' : `begins with <${root}>`;
  throw new JobFailure('INVALID_INPUT', `${name} ${why}; export the Flex query's statement as XML`, { field: 'file' });
}

function execution(trade: Record<string, string>, format: FlexTimeFormat): RawFill {
  const number = (attribute: string): string => canonicalDecimal(attribute, trade[attribute] ?? '');
  const quantity = number('quantity');
  const units = positive('quantity', withoutSign(quantity));
  return {
    extId: externalId('tradeID', trade.tradeID || trade.ibExecID || ''),
    symbol: symbolOf('symbol', trade.symbol ?? ''),
    side: side(trade.buySell ?? '', quantity),
    quantity: times(units, multiplier(trade)),
    price: notNegative('tradePrice', number('tradePrice')),
    fee: trade.ibCommission ? negated(number('ibCommission')) : '0',
    feeCurrency: currencyOf('ibCommissionCurrency', trade.ibCommissionCurrency || trade.currency || 'USD'),
    at: flexTime(trade.dateTime ?? '', format),
  };
}

function side(buySell: string, quantity: string): 'buy' | 'sell' {
  const signed = isNegative(quantity) ? 'sell' : 'buy';
  if (buySell.includes('(Ca.)'))
    throw new RowProblem(
      'buySell',
      buySell,
      'The broker cancelled a trade; remove the trade it names from your trades',
    );
  const stated = buySell.toLowerCase();
  if (stated !== '' && stated !== signed)
    throw new RowProblem(
      'buySell',
      buySell,
      `buySell contradicts the sign of the quantity ${quantity}; correct the row`,
    );
  return signed;
}

function multiplier(trade: Record<string, string>): string {
  if (!CONTRACTS.has(trade.assetCategory ?? '')) return '1';
  if (!trade.multiplier)
    throw new RowProblem('multiplier', '', 'multiplier is missing for a derivative; add it to the Flex query');
  return positive('multiplier', canonicalDecimal('multiplier', trade.multiplier));
}
