/**
 * From the ledger to the broker: the outbox and the relay that empties it, fair shares and bundles, how much may be under way, and
 * what sends queued jobs again whose delivery was lost (the sweeper) and blocked ones whose reason is gone (the reconciler).
 */
export { DispatchWindow, type QueueLook } from './dispatch-window.js';
export { Flights, foldFlights } from './flights.js';
export { readLanes, type WaitingLane } from './outbox.js';
export { observeOutbox } from './outbox-gauges.js';
export type { Dispatch } from './publish-parcel.js';
export { Reconciler } from './reconciler.js';
export { Relay } from './relay.js';
export { forgetRelayed } from './relayed.js';
export { Sweeper } from './sweeper.js';
