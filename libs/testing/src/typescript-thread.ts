/** Arguments of a worker thread whose entry is a TypeScript source, for tests: at run time the entry is compiled. */
export const typescriptThreadArguments = [
  '--conditions=@roundhouse/source',
  `--import=${new URL('./typescript-loader.mjs', import.meta.url).href}`,
];
