/**
 * How a service's process is started, by `up` and by the benchmark; the image sets the same. The young generation may grow to 64 MiB under load
 * (default 16): a batch of jobs lives just long enough to be copied by every collection that comes too early.
 */
export const nodeOptions = ['--enable-source-maps', '--max-semi-space-size=64'];
