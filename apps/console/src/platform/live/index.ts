/** The one event stream, shared by all tabs of a browser, and what it changes in the queries that are shown. */
export { ConnectionBadge } from './connection-badge.js';
export { useLiveQueries } from './live-queries.js';
export { liveStream } from './live-stream.js';
export { useLive } from './use-live.js';
