import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';

const isSource = (name) => /(?<!\.spec|\.d)\.tsx?$/.test(name);

/** Source files below a folder, from the top of the repository; specs and generated code are not counted. */
export function sourceFiles(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'generated' ? [] : sourceFiles(root, path);
    return isSource(entry.name) ? [path] : [];
  });
}

/** Every module that a file names: imports of values and of types, exports from others, and imports at run time. */
export function specifiersOf(file, text) {
  const found = [];
  const take = (node) => {
    if (node && ts.isStringLiteralLike(node)) found.push(node.text);
  };
  const visit = (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) take(node.moduleSpecifier);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) take(node.arguments[0]);
    if (ts.isImportTypeNode(node)) take(node.argument.literal);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return found;
}

/** The source files of every package, and for each the source files of the same package that it imports. */
export function importGraph(root) {
  const packages = ['libs', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}/src`),
  );
  const files = new Set(packages.flatMap((folder) => sourceFiles(root, folder)));
  const targetOf = (file, specifier) => {
    const path = posix.join(dirname(file), specifier).replace(/\.js$/, '');
    return [`${path}.ts`, `${path}.tsx`].find((candidate) => files.has(candidate));
  };
  return new Map(
    [...files].map((file) => {
      const named = specifiersOf(file, readFileSync(join(root, file), 'utf8')).filter((name) => name.startsWith('.'));
      return [
        file,
        new Set(named.map((specifier) => targetOf(file, specifier)).filter((target) => target !== undefined)),
      ];
    }),
  );
}

/** The graph of the groups that `groupOf` names: arrows between different groups only. */
export function grouped(graph, groupOf) {
  const groups = new Map();
  for (const [file, targets] of graph) {
    const from = groupOf(file);
    if (from === undefined) continue;
    const arrows = groups.get(from) ?? groups.set(from, new Set()).get(from);
    for (const to of [...targets].map(groupOf)) if (to !== undefined && to !== from) arrows.add(to);
  }
  return groups;
}
