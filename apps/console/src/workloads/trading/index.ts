/** The pages of the trading coach: accounts, imports, trades, what-ifs and digests. */
export { section } from './section.js';
