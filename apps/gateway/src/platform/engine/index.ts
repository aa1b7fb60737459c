/**
 * The ledger at work, joined to the broker: relay, claims, outcomes, quarantine, housekeeping. And how viewers are woken when something
 * happens (`hub`, `Follower`).
 */
export { Follower } from './follower.js';
export { LedgerEngine } from './ledger-engine.js';
