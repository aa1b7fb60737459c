import type { SymbolSeries } from '../indicators/symbol-series.js';

/** A session with at least one sale of a long holding, and what was held when it began. */
export interface SaleDay {
  date: string;
  at: Date;
  sales: { symbol: string; price: number; averageCost: number }[];
  held: { symbol: string; averageCost: number; series: SymbolSeries | null }[];
}
