// Writes generated/kinds.ts: each job kind and domain event with its codec, so
// that handlers are typed by the kind's name alone.
import { createFileRegistry, fromBinary, getExtension, hasExtension } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

function* messages(registry) {
  for (const type of registry) if (type.kind === 'message') yield type;
}

const tsModule = (desc) => `./${desc.file.name}.js`;
// ts-proto joins nested names with an underscore.
const tsName = (desc) => desc.typeName.slice(desc.file.proto.package.length + 1).replaceAll('.', '_');

export function kindsModule(descriptorSet) {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet));
  const job = registry.getExtension('roundhouse.platform.v1.job');
  const event = registry.getExtension('roundhouse.platform.v1.event');
  const imports = new Map();
  const use = (desc) => {
    const names = imports.get(tsModule(desc)) ?? new Set();
    imports.set(tsModule(desc), names.add(tsName(desc)));
    return tsName(desc);
  };
  const kinds = [];
  const events = [];
  for (const desc of messages(registry)) {
    const options = desc.proto.options;
    if (options && hasExtension(options, job)) {
      const { kind, result } = getExtension(options, job);
      const resultDesc = registry.getMessage(result);
      if (!resultDesc) throw new Error(`${desc.typeName}: result message ${result} does not exist`);
      kinds.push(
        `  '${kind}': { request: ${use(desc)}, result: ${use(resultDesc)}, requestType: '${desc.typeName}', resultType: '${result}' },`,
      );
    }
    if (options && hasExtension(options, event)) {
      events.push(`  '${getExtension(options, event).type}': { body: ${use(desc)}, bodyType: '${desc.typeName}' },`);
    }
  }
  return [
    '/* Generated from proto/. Do not edit. */',
    ...[...imports].sort().map(([path, names]) => `import { ${[...names].sort().join(', ')} } from '${path}';`),
    '',
    'export const jobKinds = {',
    ...kinds.sort(),
    '} as const;',
    '',
    'export const domainEvents = {',
    ...events.sort(),
    '} as const;',
    '',
  ].join('\n');
}
