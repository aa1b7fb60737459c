/**
 * @typedef {object} Reference what a source takes from another file
 * @property {string} specifier
 * @property {string[] | undefined} names undefined: all of it
 * @property {boolean} typeOnly nothing of it is left at run time
 * @property {Map<string, string> | undefined} passedOn names under which it is exported again, and what they are called there
 */

// Every source is formatted by Prettier, so that these begin a line and are quoted one way; a parser would take seconds for the tree.
const statement =
  /^(import|export)\s+(type\s+)?(?:(\*(?:\s+as\s+\w+)?|[\w$]*,?\s*(?:\{[^}]*\}|\*\s+as\s+\w+)?)\s+from\s+)?'([^']+)'/gm;
const dynamic = /\bimport\(\s*'([^']+)'\s*\)/g;

/** @returns {Reference[]} of a TypeScript or JavaScript module */
export function sourceImports(text) {
  const declared = [...text.matchAll(statement)].map(([, word, type, clause, specifier]) => {
    const bindings = namedBindings(clause);
    return {
      specifier,
      names: bindings?.map(({ name }) => name),
      typeOnly: Boolean(type) || (bindings?.length > 0 && bindings.every(({ isType }) => isType)),
      passedOn: word === 'export' && bindings ? new Map(bindings.map(({ name, as }) => [as, name])) : undefined,
    };
  });
  const loaded = [...text.matchAll(dynamic)].map(([, specifier]) => ({ specifier, names: undefined, typeOnly: false }));
  return [...declared, ...loaded];
}

/** Those of `{ a, type B as C }`; undefined when more than names in braces is taken. */
function namedBindings(clause) {
  const [, inside] = /^\{([^}]*)\}$/.exec(clause?.trim() ?? '') ?? [];
  if (inside === undefined) return undefined;
  return inside
    .split(',')
    .map((binding) => /^\s*(type\s+)?([\w$]+)(?:\s+as\s+([\w$]+))?\s*$/.exec(binding.replace(/\/\/.*$/gm, '')))
    .filter(Boolean)
    .map(([, type, name, as]) => ({ name, as: as ?? name, isType: Boolean(type) }));
}

/** What stands between quotes in a source, other than what it imports. */
export function quotedTexts(text) {
  return [...text.matchAll(/'([^'\n]+)'/g)].map(([, quoted]) => quoted);
}
