import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';
import { roomsRule } from './tools/rooms/eslint-rule.mjs';

// The rule of the walls reads nx's cached project graph and skips itself, without failing, when there is none. So the graph is
// made here, whoever runs ESLint; when that fails, linting does.
process.env.NX_DAEMON ??= 'false';
await createProjectGraphAsync({ exitOnError: false });

/** What a project with `sourceTag` may import. There is no `*` fallback: a project without a rule may import nothing. */
const walls = [
  { sourceTag: 'lib:contracts', onlyDependOnLibsWithTags: [] },
  // What a job is knows neither AMQP nor SQL nor Nest.
  {
    sourceTag: 'lib:jobs',
    onlyDependOnLibsWithTags: ['lib:contracts'],
    bannedExternalImports: ['amqplib', 'pg', 'typeorm', '@nestjs/*'],
  },
  { sourceTag: 'lib:telemetry', onlyDependOnLibsWithTags: ['lib:contracts'] },
  { sourceTag: 'lib:service', onlyDependOnLibsWithTags: ['lib:contracts', 'lib:telemetry'] },
  {
    sourceTag: 'lib:rabbitmq',
    onlyDependOnLibsWithTags: ['lib:contracts', 'lib:jobs', 'lib:telemetry'],
    bannedExternalImports: ['pg', 'typeorm'],
  },
  {
    sourceTag: 'lib:ledger',
    onlyDependOnLibsWithTags: ['lib:contracts', 'lib:jobs', 'lib:telemetry'],
    bannedExternalImports: ['amqplib'],
  },
  { sourceTag: 'lib:client', onlyDependOnLibsWithTags: ['lib:contracts'] },
  { sourceTag: 'lib:storage', onlyDependOnLibsWithTags: ['lib:contracts', 'lib:jobs', 'lib:telemetry'] },
  { sourceTag: 'lib:http', onlyDependOnLibsWithTags: ['lib:jobs'] },
  { sourceTag: 'lib:secrets', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'lib:inbox', onlyDependOnLibsWithTags: ['lib:contracts', 'lib:jobs', 'lib:telemetry'] },
  {
    sourceTag: 'lib:testing',
    onlyDependOnLibsWithTags: [
      'lib:contracts',
      'lib:jobs',
      'lib:telemetry',
      'lib:service',
      'lib:rabbitmq',
      'lib:ledger',
      'lib:storage',
      'lib:inbox',
      'domain:trading',
      'domain:spreadsheets',
      'domain:mesh',
    ],
  },
  { sourceTag: 'domain:mesh', onlyDependOnLibsWithTags: ['lib:contracts', 'lib:jobs', 'lib:inbox'] },
  {
    sourceTag: 'domain:trading',
    onlyDependOnLibsWithTags: [
      'lib:contracts',
      'lib:jobs',
      'lib:telemetry',
      'lib:service',
      'lib:inbox',
      'lib:http',
      'lib:secrets',
    ],
  },
  {
    sourceTag: 'domain:spreadsheets',
    onlyDependOnLibsWithTags: ['lib:contracts', 'lib:jobs', 'lib:telemetry'],
  },
  {
    sourceTag: 'app:worker',
    onlyDependOnLibsWithTags: [
      'lib:contracts',
      'lib:jobs',
      'lib:rabbitmq',
      'lib:service',
      'lib:telemetry',
      'lib:storage',
      'lib:inbox',
      'lib:http',
      'lib:secrets',
      'domain:trading',
      'domain:spreadsheets',
      'domain:mesh',
    ],
    bannedExternalImports: ['amqplib'],
  },
  {
    sourceTag: 'app:gateway',
    onlyDependOnLibsWithTags: [
      'lib:contracts',
      'lib:jobs',
      'lib:rabbitmq',
      'lib:ledger',
      'lib:service',
      'lib:telemetry',
      'lib:storage',
      'lib:http',
      'lib:secrets',
      'domain:trading',
      'domain:spreadsheets',
      'domain:mesh',
    ],
    bannedExternalImports: ['amqplib'],
  },
  // What runs in the browser knows the platform by its REST API alone.
  { sourceTag: 'app:console', onlyDependOnLibsWithTags: [] },
  {
    sourceTag: 'app:scheduler',
    onlyDependOnLibsWithTags: [
      'lib:contracts',
      'lib:jobs',
      'lib:rabbitmq',
      'lib:ledger',
      'lib:service',
      'lib:telemetry',
    ],
    bannedExternalImports: ['amqplib'],
  },
];

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
