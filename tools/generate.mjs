// Regenerates everything under libs/contracts/src/generated from proto/. What did not change is not touched, so that
// whoever reads the folder meanwhile never finds a hole in it. With --check it writes nothing there and fails when something would change.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { kindsModule } from './kinds-module.mjs';
import { messagesModule } from './messages-module.mjs';
import { validateProtoSource } from './validate-proto.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const proto = join(root, 'proto');
const generated = join(root, 'libs/contracts/src/generated');
const buf = (...args) => execFileSync(join(root, 'node_modules/.bin/buf'), args, { cwd: proto, stdio: 'inherit' });

function files(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)));
}

const differs = (file, content) => !existsSync(file) || !readFileSync(file).equals(content);

function replaceIfChanged(file, content) {
  if (!differs(file, content)) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

mkdirSync(join(proto, '.imports/buf/validate'), { recursive: true });
replaceIfChanged(join(proto, '.imports/buf/validate/validate.proto'), Buffer.from(validateProtoSource()));

const scratch = mkdtempSync(join(tmpdir(), 'roundhouse-generate-'));
try {
  buf('generate', '--path', 'roundhouse', '-o', scratch);
  buf('build', '--as-file-descriptor-set', '-o', join(scratch, 'descriptors.binpb'));

  const descriptors = readFileSync(join(scratch, 'descriptors.binpb'));
  rmSync(join(scratch, 'descriptors.binpb'));
  // A module rather than a data file: it survives bundling, copying and jest.
  writeFileSync(
    join(scratch, 'descriptors.ts'),
    `/* Generated from proto/. Do not edit. */\nexport const descriptorSetBase64 =\n  '${descriptors.toString('base64')}';\n`,
  );
  writeFileSync(join(scratch, 'kinds.ts'), kindsModule(descriptors));
  writeFileSync(join(scratch, 'messages.ts'), messagesModule(descriptors));

  const fresh = files(scratch);
  const left = files(generated).filter((file) => !fresh.includes(file));
  if (process.argv.includes('--check')) {
    const stale = fresh.filter((file) => differs(join(generated, file), readFileSync(join(scratch, file))));
    for (const file of [...stale, ...left])
      console.log(`${relative(root, join(generated, file))} is stale: npm run generate`);
    if (stale.length + left.length > 0) process.exitCode = 1;
  } else {
    for (const file of fresh) replaceIfChanged(join(generated, file), readFileSync(join(scratch, file)));
    for (const file of left) rmSync(join(generated, file));
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
