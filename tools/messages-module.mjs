// Writes generated/messages.ts: every message and enum of our own packages, by name.
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

const tsName = (desc) => desc.typeName.slice(desc.file.proto.package.length + 1).replaceAll('.', '_');

function* declared(message) {
  yield* message.nestedEnums;
  for (const nested of message.nestedMessages) {
    if (nested.proto.options?.mapEntry) continue;
    yield nested;
    yield* declared(nested);
  }
}

export function messagesModule(descriptorSet) {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet));
  const lines = ['/* Generated from proto/. Do not edit. */'];
  for (const file of [...registry.files].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!file.proto.package.startsWith('roundhouse.') || file.name.endsWith('/options')) continue;
    const names = [...file.enums, ...file.messages, ...file.messages.flatMap((m) => [...declared(m)])].map(tsName);
    if (names.length > 0) lines.push(`export { ${names.sort().join(', ')} } from './${file.name}.js';`);
  }
  return `${lines.join('\n')}\n`;
}
