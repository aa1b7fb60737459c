/**
 * How a service's process is started, by `up` and by the benchmark; the image sets the same. The young generation may grow to 64 MiB under load
 * (default 16): a batch of jobs lives just long enough to be copied by every collection that comes too early.
 */
export const nodeOptions = ['--enable-source-maps', '--max-semi-space-size=64'];

/**
 * The importer hands large buffers on and makes little garbage of its own, and it shares a budget with the process that reads a file. So no source
 * maps (35 MiB, those of every dependency among them), and a small young generation: it is what decides how soon used buffers are collected. V8's
 * memory reducer is off: a while after an import it stops the process that answers heartbeats for three collections of everything, 130 to 210 ms
 * each on a busy machine.
 */
const importerOptions = ['--max-semi-space-size=1', '--no-memory-reducer'];

/** The options of an app's process. */
export const nodeOptionsOf = (app) => (app === 'importer' ? importerOptions : nodeOptions);
