import { posix } from 'node:path';
import { quotedTexts } from './source-imports.mjs';

const isSpec = (path) => /\.(spec|e2e)\.(ts|mjs)$/.test(path);
const isEndToEnd = (path) => path.endsWith('.e2e.ts');

/**
 * The specs that a change may break, and what each needs: `servers` are those that ask where a test server runs, `platform` those among
 * them that drive whole services from outside, which no import says anything about.
 * @param {{present: string[], gone: string[]}} changes
 * @param {(path: string) => string} read
 * @returns {{alone: string[], servers: string[], platform: string[]}}
 */
export function relatedSpecs(graph, changes, read) {
  const changed = new Set([...changes.present, ...changes.gone]);
  const asksForServers = graph.fileOf('@roundhouse/testing', 'testEnvironment');
  const selected = { alone: [], servers: [], platform: [] };
  for (const spec of [...graph.files].filter((path) => isSpec(path) && !graph.gone.has(path)).sort()) {
    const reached = graph.reach(spec);
    if (!touches(reached, changed) && !reads(spec, read(spec), changed)) continue;
    if (!reached.has(asksForServers)) selected.alone.push(spec);
    else if (isEndToEnd(spec) && !changed.has(spec)) selected.platform.push(spec);
    else selected.servers.push(spec);
  }
  return selected;
}

const touches = (reached, changed) => [...changed].some((path) => reached.has(path));

/** Whether a spec names a changed file, from the root or from its own folder, or the kind of file that it is, as in '.md'. */
function reads(spec, text, changed) {
  const quoted = new Set(quotedTexts(text));
  return [...changed].some(
    (path) =>
      quoted.has(path) ||
      quoted.has(posix.relative(posix.dirname(spec), path)) ||
      (path.endsWith('.md') && quoted.has('.md')),
  );
}
