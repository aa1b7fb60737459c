import { Decimal } from 'decimal.js';

/**
 * Money and quantities. 34 significant digits (those of IEEE decimal128) hold a crypto quantity with 18 decimals times a price with 8
 * decimals exactly; the default of 20 does not. Every Decimal of the process shares this setting.
 */
Decimal.set({ precision: 34, rounding: Decimal.ROUND_HALF_EVEN });

export { Decimal };

/** Zero; a Decimal is immutable, so one instance serves everyone. */
export const ZERO = new Decimal(0);
