// Regenerates everything under libs/contracts/src/generated from proto/.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kindsModule } from './kinds-module.mjs';
import { messagesModule } from './messages-module.mjs';
import { validateProtoSource } from './validate-proto.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const proto = join(root, 'proto');
const generated = join(root, 'libs/contracts/src/generated');
const buf = (...args) => execFileSync(join(root, 'node_modules/.bin/buf'), args, { cwd: proto, stdio: 'inherit' });

mkdirSync(join(proto, '.imports/buf/validate'), { recursive: true });
writeFileSync(join(proto, '.imports/buf/validate/validate.proto'), validateProtoSource());

rmSync(generated, { recursive: true, force: true });
mkdirSync(generated, { recursive: true });
buf('generate', '--path', 'roundhouse');
buf('build', '--as-file-descriptor-set', '-o', join(generated, 'descriptors.binpb'));

const descriptors = readFileSync(join(generated, 'descriptors.binpb'));
rmSync(join(generated, 'descriptors.binpb'));
// A module rather than a data file: it survives bundling, copying and jest.
writeFileSync(
  join(generated, 'descriptors.ts'),
  `/* Generated from proto/. Do not edit. */\nexport const descriptorSetBase64 =\n  '${descriptors.toString('base64')}';\n`,
);
writeFileSync(join(generated, 'kinds.ts'), kindsModule(descriptors));
writeFileSync(join(generated, 'messages.ts'), messagesModule(descriptors));
