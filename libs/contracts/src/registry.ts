import { createFileRegistry, fromBinary, type DescMessage, type FileRegistry } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { descriptorSetBase64 } from './generated/descriptors.js';

/** Descriptors of every message in proto/, for reading options and for payloads whose type is known only at run time. */
export const registry: FileRegistry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, Buffer.from(descriptorSetBase64, 'base64')),
);

export function messageDescriptor(typeName: string): DescMessage {
  const descriptor = registry.getMessage(typeName);
  if (!descriptor) throw new Error(`Message ${typeName} is not part of the contract`);
  return descriptor;
}
