import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { sourceImports } from './source-imports.mjs';

const isSource = (path) => /\.(ts|tsx|mjs)$/.test(path);
/** Of a package or of a room: a file that only names what others have. */
const isDoor = (path) => /(^|\/)index\.tsx?$/.test(path);

/**
 * Which files a file is made of, by its imports. What is imported by name from a package, or from a room of one, leads to the file that has
 * it and not to all that the index.ts names: else everything would depend on everything.
 */
export class ModuleGraph {
  /** @param {string[]} files of the tree, from its root; with those that are gone, which others may still import */
  constructor(root, files, gone = []) {
    this.root = root;
    this.files = new Set([...files, ...gone]);
    this.gone = new Set(gone);
    this.indexes = packageIndexes(root, files);
    this.references = new Map();
    this.edges = { run: new Map(), types: new Map() };
  }

  /** The file itself and all that it leads to: at run time, or to be type checked. @param {'run' | 'types'} use */
  reach(path, use = 'run') {
    const reached = new Set([path]);
    for (const file of reached) for (const next of this.#edgesOf(file, use)) reached.add(next);
    return reached;
  }

  /** The file that has an export of a package. */
  fileOf(packageName, name) {
    return this.#exported(this.indexes.get(packageName), name);
  }

  #edgesOf(path, use) {
    const known = this.edges[use].get(path);
    if (known) return known;
    const edges = new Set(
      this.#referencesOf(path)
        .filter(({ typeOnly }) => use === 'types' || !typeOnly)
        .flatMap((reference) => this.#targets(path, reference)),
    );
    this.edges[use].set(path, edges);
    return edges;
  }

  #targets(path, { specifier, names }) {
    const target = this.#fileNamed(path, specifier);
    if (target && names && isDoor(target)) return names.map((name) => this.#exported(target, name));
    return [target].filter(Boolean);
  }

  #fileNamed(path, specifier) {
    return this.indexes.get(specifier) ?? this.#resolve(path, specifier);
  }

  /** Through as many doors as there are; the door itself when it does not say where the name is from. */
  #exported(door, name) {
    for (const { specifier, passedOn } of this.#referencesOf(door)) {
      if (!passedOn?.has(name)) continue;
      const target = this.#fileNamed(door, specifier);
      return target && isDoor(target) ? this.#exported(target, passedOn.get(name)) : (target ?? door);
    }
    return door;
  }

  #referencesOf(path) {
    if (!isSource(path) || this.gone.has(path)) return [];
    if (!this.references.has(path))
      this.references.set(path, sourceImports(readFileSync(join(this.root, path), 'utf8')));
    return this.references.get(path);
  }

  #resolve(path, specifier) {
    if (!specifier.startsWith('.')) return undefined;
    const target = posix.join(posix.dirname(path), specifier);
    const stem = target.replace(/\.js$/, '');
    return [`${stem}.ts`, `${stem}.tsx`, target].find((candidate) => this.files.has(candidate));
  }
}

/** Name of each workspace with an export → its sources' index. */
function packageIndexes(root, files) {
  const manifests = files.filter((path) => /^(libs|apps)\/[^/]+\/package\.json$/.test(path));
  return new Map(
    manifests.flatMap((path) => {
      const { name, exports } = JSON.parse(readFileSync(join(root, path), 'utf8'));
      const source = exports?.['.']?.['@roundhouse/source'];
      return source ? [[name, posix.join(posix.dirname(path), source)]] : [];
    }),
  );
}
