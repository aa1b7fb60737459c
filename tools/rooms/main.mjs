import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { architecture, architecturePage } from './architecture-page.mjs';
import { circles } from './circles.mjs';
import { grouped, importGraph } from './import-graph.mjs';

const here = resolve(import.meta.dirname, '../..');

function refuse(message) {
  process.stderr.write(`${message}\nnpm run rooms [-- --circles] [--write] [--root CHECKOUT]\n`);
  process.exit(2);
}

function options() {
  const known = { root: { type: 'string', default: here }, circles: { type: 'boolean' }, write: { type: 'boolean' } };
  try {
    return parseArgs({ options: known }).values;
  } catch (error) {
    return refuse(error.message);
  }
}

const values = options();
const root = resolve(values.root);
const missing = ['libs', 'apps'].find((group) => !existsSync(join(root, group)));
if (missing) refuse(`${root} is no checkout of this project: it has no folder ${missing}.`);
const graph = importGraph(root);
const packageOf = (file) => file.split('/').slice(0, 2).join('/');

/** One line for each package: what a folder is here is a folder with source files in it. */
function summary(name) {
  const own = new Map([...graph].filter(([file]) => packageOf(file) === name));
  const folders = grouped(own, dirname);
  const arrows = [...folders.values()].reduce((sum, targets) => sum + targets.size, 0);
  const largest = Math.max(
    ...[...folders.keys()].map((folder) => [...own.keys()].filter((f) => dirname(f) === folder).length),
  );
  return {
    package: name,
    files: own.size,
    folders: folders.size,
    'most in one': largest,
    arrows,
    'circles of files': circles(own).length,
    'circles of folders': circles(folders).length,
  };
}

const rows = [...new Set([...graph.keys()].map(packageOf))].sort().map(summary);
const sum = (column) => rows.reduce((total, row) => total + row[column], 0);
const columns = Object.keys(rows[0]).filter((column) => column !== 'package' && column !== 'most in one');
console.table([...rows, { package: 'all', ...Object.fromEntries(columns.map((column) => [column, sum(column)])) }]);
if (values.circles) {
  for (const circle of circles(graph)) console.log(`files:   ${circle.join(' ⟷ ')}`);
  for (const circle of circles(grouped(graph, dirname))) console.log(`folders: ${circle.join(' ⟷ ')}`);
}
if (values.write) writeFileSync(join(root, architecturePage), architecture(root, graph).drawn);
