/**
 * From the ledger to the broker: the outbox and the relay that empties it, fair shares and bundles, how much may be under way, and
 * what makes good for deliveries that were lost or jobs that were left waiting.
 */
export { DispatchWindow } from './dispatch-window.js';
export { observeOutbox } from './outbox-gauges.js';
export type { Dispatch } from './publish-parcel.js';
export { Reconciler } from './reconciler.js';
export { Relay } from './relay.js';
export { forgetRelayed } from './relayed.js';
export { Sweeper } from './sweeper.js';
