import { describe, expect, test } from '@jest/globals';
import { quotedTexts, sourceImports } from './source-imports.mjs';

/** [specifier, names, typeOnly] of each. */
const brief = (text) => sourceImports(text).map(({ specifier, names, typeOnly }) => [specifier, names, typeOnly]);

describe('what a source imports', () => {
  test.each([
    [`import { a, type B as C, d } from './x.js';`, ['./x.js', ['a', 'B', 'd'], false]],
    [`import {\n  a, // why\n  b,\n} from '@roundhouse/jobs';`, ['@roundhouse/jobs', ['a', 'b'], false]],
    [`import type { A } from './x.js';`, ['./x.js', ['A'], true]],
    [`import { type A, type B } from './x.js';`, ['./x.js', ['A', 'B'], true]],
    [`import pg from 'pg';`, ['pg', undefined, false]],
    [`import type pg from 'pg';`, ['pg', undefined, true]],
    [`import React, { useState } from 'react';`, ['react', undefined, false]],
    [`import * as all from './x.js';`, ['./x.js', undefined, false]],
    [`import './x.css';`, ['./x.css', undefined, false]],
    [`export * from './x.js';`, ['./x.js', undefined, false]],
    [`export { a as b } from './x.js';`, ['./x.js', ['a'], false]],
    [`const { a } = await import('./x.js');`, ['./x.js', undefined, false]],
  ])('%j', (text, expected) => {
    expect(brief(text)).toEqual([expected]);
  });

  test('names that are passed on', () => {
    const [{ passedOn }] = sourceImports(`export { a as b, type C } from './x.js';`);
    expect([...passedOn]).toEqual([
      ['b', 'a'],
      ['C', 'C'],
    ]);
  });

  test('exports of its own and words in a text are none', () => {
    expect(brief(`export const from = 'x';\nexport function f() {}\nlog('import { a } from');`)).toEqual([]);
  });
});

test('quoted texts', () => {
  expect(quotedTexts(`read(join(root, 'docs/a.md'));`)).toEqual(['docs/a.md']);
});
