import { storable, textFault } from './storable-text.js';

it.each([
  ['a\0b', 'a\ufffdb', 'NUL'],
  ['💥'.slice(0, 1), '\ufffd', 'surrogate'],
  ['💥'.slice(1), '\ufffd', 'surrogate'],
])('%j is stored as %j, or refused', (text, stored, fault) => {
  expect(storable(text)).toBe(stored);
  expect(textFault(text)).toContain(fault);
  expect(textFault(stored)).toBeUndefined();
});

it('leaves every other text alone', () => {
  for (const text of ['', 'ä 💥 \u0001 \uffff', '\ufffd']) {
    expect(storable(text)).toBe(text);
    expect(textFault(text)).toBeUndefined();
  }
});
