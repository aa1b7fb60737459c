// model
export { Decimal, ZERO } from './model/decimal.js';
export type { Fill, Side } from './model/fill.js';
export { type Bar, lastBarBefore } from './model/bar.js';
export { type Split, adjustFillsForSplits } from './model/split.js';
export { sessionDate } from './model/session-date.js';
export { type FeeInTradeCurrency, feeInTradeCurrency } from './model/fee.js';

// lots
export type { Direction, LotMethod, OpenLot, RoundTrip } from './lots/round-trip.js';
export { type LotMatching, type MatchedLots, inTimeOrder, matchLots } from './lots/lot-matcher.js';

// indicators
export {
  type Aligned,
  atr,
  ema,
  highestHigh,
  relativeVolume,
  rsi,
  sma,
  trailingReturn,
} from './indicators/aligned-indicators.js';
export { type SymbolSeries, symbolSeries } from './indicators/symbol-series.js';

// statistics
export { seededRandom, seedOf } from './statistics/random.js';
export { probabilityGreater } from './statistics/beta-posterior.js';
export { binomialTail, hypergeometricTail, poissonTail } from './statistics/exact-tests.js';
export { type PermutationOptions, permutationTest, ratioOfMeans } from './statistics/permutation-test.js';
export { empiricalPercentile, median, medianAbsoluteDeviation, quantile } from './statistics/quantiles.js';
export { benjaminiHochberg } from './statistics/benjamini-hochberg.js';
export { type Week, datesOfWeek, lastCompleteWeek, weekOf } from './statistics/week.js';
export { type TradeStatistics, rMultiple, tradeStatistics } from './statistics/trade-statistics.js';
export { type Drawdown, maxDrawdown } from './statistics/drawdown.js';
export { type DaysPerYear, sharpeRatio, sortinoRatio } from './statistics/risk-adjusted-return.js';
export { type Excursion, excursion } from './statistics/excursion.js';

// http
export { HttpJson, type HttpJsonConfig, type HttpRequest } from './http/http-json.js';
export { HttpAnswerError } from './http/answer-failure.js';

// biases
export { type BiasLabel, type BiasTag, type Features, LEVEL, type WindowFinding } from './biases/bias-tag.js';
export { type Scoring, type ScoringInput, scoreTrades } from './biases/score-trades.js';

// store
export { BarCache, type CachedSource, type LoadedBars } from './store/bar-cache.js';
export { BarStore, type BarRange, type DateSpan, type FetchedBars } from './store/bar-store.js';
export { ConnectionStore, type Connection, type ConnectionInput } from './store/connection-store.js';
export { CredentialCipher, type CredentialOwner } from './store/credential-cipher.js';
export { DigestStore, type DigestInput, type DigestSummary, type StoredDigest } from './store/digest-store.js';
export {
  fillOfRow,
  FillStore,
  type FillFilter,
  type FillRow,
  type StoredFill,
  type UpsertedPage,
} from './store/fill-store.js';
export { FindingStore } from './store/finding-store.js';
export { ImportStore, type ImportedPage, type ImportOrigin, type ImportState } from './store/import-store.js';
export { cachedSources, marketDataFields, type MarketDataConfig } from './store/market-data-config.js';
export { marketZoneOf } from './store/market-zone.js';
export type { Owner, TimeSpan } from './store/owner.js';
export { decodePageCursor, encodePageCursor, type Page, type PageRequest } from './store/page-cursor.js';
export { ProfileStore, type Profile } from './store/profile-store.js';
export {
  rowOfRoundTrip,
  roundTripOfRow,
  RoundTripStore,
  type RoundTripFilter,
  type RoundTripRow,
} from './store/round-trip-store.js';
export {
  SimulationStore,
  whatIfOfOutcome,
  type Simulation,
  type SimulationInput,
  type SimulationKey,
} from './store/simulation-store.js';
export { TagStore, type TagFilter } from './store/tag-store.js';
export { tradingMigrations } from './store/migrations/index.js';
export {
  createTradingDataSource,
  migrateTrading,
  tradingEntities,
  type TradingDatabaseOptions,
} from './store/trading-data-source.js';
export { UploadExpiry } from './store/upload-expiry.js';
export { UploadStore, type Upload } from './store/upload-store.js';

// benchmark
export { measureScoring, type ScoringSpeed } from './scoring-benchmark.js';

// simulation
export {
  type Alternative,
  type AlternativeKind,
  simulateWhatIf,
  type WhatIf,
  type WhatIfOptions,
} from './simulation/what-if.js';

// market data
export type { BarSeries, BarSource } from './market-data/bar-source.js';
export { AlpacaBars, type AlpacaBarsConfig } from './market-data/alpaca-bars.js';
export { BinanceBars, type BinanceBarsConfig } from './market-data/binance-bars.js';
export { CsvBars, type CsvBarsConfig } from './market-data/csv-bars.js';
export { YahooBars, type YahooBarsConfig } from './market-data/yahoo-bars.js';

// digest
export type { DigestSnapshot, DigestStatistics, DigestTrade, DigestWhatIf } from './digest/digest-snapshot.js';
export { buildDigest, type DigestSources } from './digest/build-digest.js';
export { renderDigestHtml } from './digest/render-digest-html.js';
export { digestContentSecurityPolicy } from './digest/digest-style.js';
export { alternativeInWords } from './digest/alternative-in-words.js';
export { UserStore, type TradingUser } from './store/user-store.js';
