import { fromBinary, toJson, type JsonObject } from '@bufbuild/protobuf';
import { messageDescriptor, registry } from './registry.js';

/**
 * The values of some top-level fields of an encoded message, as text that is the same for the same values: what keys of
 * uniqueness and concurrency are made of. `fields` are proto names; a field that is not set has its default value.
 */
export function readPayloadFields(typeName: string, bytes: Uint8Array, fields: readonly string[]): string {
  const descriptor = messageDescriptor(typeName);
  const json = toJson(descriptor, fromBinary(descriptor, bytes), {
    registry,
    useProtoFieldName: true,
    alwaysEmitImplicit: true,
  }) as JsonObject;
  return JSON.stringify(fields.map((field) => json[field] ?? null));
}
