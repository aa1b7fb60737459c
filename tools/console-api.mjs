// Writes the types of the REST API for the console, from the gateway's own OpenAPI document. They are no part of the repository: types follow
// routes, and `npm run typecheck` calls this first.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTypescript, { astToString } from 'openapi-typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'apps/console/src/platform/api/generated/openapi.ts');
const loader = join(root, 'libs/testing/src/source-loader.mjs');

const document = execFileSync(
  process.execPath,
  ['--conditions=@roundhouse/source', '--import', loader, 'apps/gateway/src/openapi.ts'],
  { cwd: root, maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' },
);
// "Any JSON" is described by a schema that refers to itself, which a type alias may not.
const described = JSON.parse(document);
for (const name of Object.keys(described.components.schemas))
  if (name.startsWith('__schema')) described.components.schemas[name] = {};
const source = `/* From /openapi.json, by tools/console-api.mjs. Do not edit. */\n${astToString(await openapiTypescript(described))}`;
if (!existsSync(target) || readFileSync(target, 'utf8') !== source) {
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, source);
}
