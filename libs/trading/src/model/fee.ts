import { type Decimal, ZERO } from './decimal.js';
import type { Fill } from './fill.js';

const fiat = new Set(Intl.supportedValuesOf('currency'));

export interface FeeInTradeCurrency {
  /** What the fill's fee takes from its profit, in the trade's currency. */
  cost: Decimal;
  /** The fee was in a third asset (BNB for BTCUSDT) and stays out of the profit; show it beside it. */
  unconverted: boolean;
}

/**
 * The fee in the trade's currency. A crypto pair names its currencies (`BTCUSDT`: base BTC, quote USDT): a quote fee counts as it is, a base
 * fee at the fill's own price. For every other symbol a fiat fee is taken to be in the trade's currency, as brokers of shares report it.
 */
export function feeInTradeCurrency(fill: Fill): FeeInTradeCurrency {
  const { fee, feeCurrency, symbol } = fill;
  if (fee.isZero()) return { cost: ZERO, unconverted: false };
  if (feeCurrency === '' || fiat.has(feeCurrency)) return { cost: fee, unconverted: false };
  if (symbol.endsWith(feeCurrency)) return { cost: fee, unconverted: false };
  if (symbol.startsWith(feeCurrency)) return { cost: fee.times(fill.price), unconverted: false };
  return { cost: ZERO, unconverted: true };
}
