import { posix, relative, resolve, sep } from 'node:path';
import { boundaryFault } from './floor-plan.mjs';

const root = resolve(import.meta.dirname, '../..');

/** A relative specifier as the source file it means, from the top of the repository. */
function targetOf(from, specifier) {
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}

/** ESLint's rule of the rooms: see houses.mjs. */
export const roomsRule = {
  meta: { type: 'problem', schema: [], docs: { description: 'Rooms are entered by their doors, one way' } },
  create(context) {
    const from = relative(root, context.filename).split(sep).join('/');
    function check(source) {
      if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return;
      const message = boundaryFault(from, targetOf(from, source.value));
      if (message) context.report({ node: source, message });
    }
    return {
      ImportDeclaration: ({ source }) => check(source),
      ExportNamedDeclaration: ({ source }) => check(source),
      ExportAllDeclaration: ({ source }) => check(source),
      ImportExpression: ({ source }) => check(source),
      TSImportType: ({ source }) => check(source),
    };
  },
};
