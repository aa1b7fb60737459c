import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';
import { roomsRule } from './tools/rooms/eslint-rule.mjs';
import { walls } from './tools/rooms/walls.mjs';

// The rule of the walls reads nx's cached project graph and skips itself, without failing, when there is none. So the graph is
// made here, whoever runs ESLint; when that fails, linting does.
process.env.NX_DAEMON ??= 'false';
await createProjectGraphAsync({ exitOnError: false });

const belowPackages = {
  group: ['@roundhouse/*/*'],
  message: 'Import a package by its name; its index names what is public.',
};
const domains = walls.flatMap(({ sourceTag }) => /^domain:(.+)$/.exec(sourceTag)?.[1] ?? []);
const singleWorkloads = [
  {
    regex: `^@roundhouse/(${domains.join('|')})$`,
    message: 'A workload is known to its folder in apps/gateway/src/workloads alone.',
  },
  { regex: '/workloads/[^/]+/', message: 'Workloads are known by the list of workloads/index.ts.' },
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '**/generated/**',
      '.roundhouse/**',
      '.nx/**',
      'bench/node_modules/**',
    ],
  },
  ...tseslint.configs.recommended,
  {
    files: ['libs/**/*.ts', 'apps/**/*.{ts,tsx}', 'e2e/**/*.ts'],
    plugins: { '@nx': nx, house: { rules: { rooms: roomsRule } } },
    rules: {
      'house/rooms': 'error',
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, allow: [], depConstraints: walls },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-imports': ['error', { patterns: [belowPackages] }],
    },
  },
  {
    // Whoever writes a worker without Nest needs these rooms and no other.
    files: ['libs/rabbitmq/src/{connection,topology,messages,worker}/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [belowPackages, { group: ['@nestjs/*'], message: 'Nest is known in the room nest/ alone.' }] },
      ],
    },
  },
  {
    // The platform and the front of the gateway know workloads by the list of workloads/index.ts alone. (An entry replaces the
    // options of the one before.)
    files: ['apps/gateway/src/**/*.ts'],
    ignores: ['apps/gateway/src/workloads/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [belowPackages, ...singleWorkloads] }] },
  },
  {
    // Specs may use the testing library; everything else stays inside the walls.
    files: ['**/*.spec.ts', '**/e2e/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  prettier,
);
