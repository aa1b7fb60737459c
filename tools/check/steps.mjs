const bin = (name) => `node_modules/.bin/${name}`;
const jest = [
  process.execPath,
  '--experimental-vm-modules',
  '--no-warnings=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
];
const isSource = (path) => /\.(ts|tsx|js|mjs|cjs)$/.test(path);
const count = (files) => `${files.length} ${files.length === 1 ? 'file' : 'files'}`;

/** What every type check depends on. */
const typeSettings = /^(package-lock\.json|tsconfig[^/]*\.json|(libs|apps)\/[^/]+\/package\.json)$/;

/** The type checks of `npm run typecheck`: what changes each is for, and whether also for changes of what those files import. */
const typeChecks = [
  {
    label: 'types',
    covers: (path) => /^(libs|apps|e2e)\/.*\.ts$/.test(path) && !/^(apps\/console|e2e\/browser)\//.test(path),
    commands: [[bin('tsc'), '-p', 'tsconfig.json']],
  },
  {
    label: 'types of the console',
    // Its types of the REST API come from the gateway.
    covers: (path) => /^apps\/(console|gateway)\//.test(path),
    commands: [
      [process.execPath, 'tools/console-api.mjs'],
      [bin('tsc'), '-p', 'apps/console'],
    ],
  },
  {
    label: 'types of the browser tests',
    covers: (path) => path.startsWith('e2e/browser/'),
    withImports: true,
    commands: [[bin('tsc'), '-p', 'e2e/browser']],
  },
];

/**
 * What is to be run for a change; the longest first among those that take long.
 * @param {{present: string[], gone: string[]}} changes
 * @param {string[]} specs
 * @returns {import('./side-by-side.mjs').Step[]}
 */
export function stepsFor(graph, changes, specs) {
  const { present } = changes;
  const changed = [...present, ...changes.gone];
  const sources = present.filter(isSource);
  const step = (when, label, ...commands) => (when ? [{ label, commands }] : []);
  const types = typeChecks
    .filter((typeCheck) => isAffected(graph, changed, typeCheck))
    .map(({ label, commands }) => ({ label, commands }));
  return [
    ...step(present.length > 0, `formatting of ${count(present)}`, [
      bin('prettier'),
      '--check',
      '--ignore-unknown',
      ...present,
    ]),
    ...types.slice(0, 1),
    ...step(sources.length > 0, `lint of ${count(sources)}`, [bin('eslint'), '--no-warn-ignored', ...sources]),
    ...step(
      changed.some((path) => /^(proto|libs\/contracts\/src\/generated)\//.test(path)),
      'generated code, buf lint',
      [process.execPath, 'tools/generate.mjs', '--check'],
      [bin('buf'), 'lint', 'proto'],
    ),
    ...step(specs.length > 0, `specs in ${count(specs)}`, [...jest, '--runTestsByPath', ...specs]),
    ...types.slice(1),
  ];
}

function isAffected(graph, changed, { covers, withImports }) {
  if (changed.some((path) => typeSettings.test(path) || covers(path))) return true;
  if (!withImports) return false;
  const imported = new Set([...graph.files].filter(covers).flatMap((path) => [...graph.reach(path, 'types')]));
  return changed.some((path) => imported.has(path));
}
