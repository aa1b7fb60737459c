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
    // Specs may use the testing library; everything else stays inside the walls.
    files: ['**/*.spec.ts', '**/e2e/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  prettier,
);
