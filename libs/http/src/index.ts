export { guardedDispatcher, guardedUrl, type UrlGuard } from './guarded-url.js';
export { isPublicAddress, publicLookup, refusedAddress } from './public-address.js';
export { exhaustedWaitMs, refusedWaitMs, resetMs, retryAfterMs } from './rate-limit.js';
