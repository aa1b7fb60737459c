import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { ReceivedSpan } from './received-span.js';

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const statuses = ['unset', 'ok', 'error'] as const;

/** A decoded message: values by field number. Submessages are bytes until somebody asks for them. */
type Fields = Map<number, (Uint8Array | bigint)[]>;

function fieldsOf(bytes: Uint8Array): Fields {
  const fields: Fields = new Map();
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    let value: Uint8Array | bigint;
    if (wire === WireType.LengthDelimited) value = reader.bytes();
    else if (wire === WireType.Varint) value = BigInt(reader.int64());
    else if (wire === WireType.Bit64) value = BigInt(reader.fixed64());
    else if (wire === WireType.Bit32) value = BigInt(reader.fixed32());
    else throw new Error(`OTLP: wire type ${wire} in field ${number}`);
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

const messages = (fields: Fields, number: number): Fields[] =>
  (fields.get(number) ?? []).map((bytes) => fieldsOf(bytes as Uint8Array));
const bytesAt = (fields: Fields, number: number) =>
  (fields.get(number)?.at(-1) as Uint8Array | undefined) ?? new Uint8Array();
const stringAt = (fields: Fields, number: number) => Buffer.from(bytesAt(fields, number)).toString('utf8');
const hexAt = (fields: Fields, number: number) => Buffer.from(bytesAt(fields, number)).toString('hex');
const numberAt = (fields: Fields, number: number) => (fields.get(number)?.at(-1) as bigint | undefined) ?? 0n;

/** opentelemetry.proto.common.v1.AnyValue */
function protobufValue(value: Fields | undefined): unknown {
  if (value === undefined) return undefined;
  if (value.has(1)) return stringAt(value, 1);
  if (value.has(2)) return numberAt(value, 2) !== 0n;
  if (value.has(3)) return Number(numberAt(value, 3));
  if (value.has(4)) return new Float64Array(BigUint64Array.of(BigInt.asUintN(64, numberAt(value, 4))).buffer)[0];
  if (value.has(5)) return messages(fieldsOf(bytesAt(value, 5)), 1).map(protobufValue);
  if (value.has(6)) return protobufAttributes(messages(fieldsOf(bytesAt(value, 6)), 1));
  return value.has(7) ? bytesAt(value, 7) : undefined;
}

function protobufAttributes(pairs: Fields[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map((pair) => [stringAt(pair, 1), protobufValue(messages(pair, 2)[0])]));
}

/** opentelemetry.proto.trace.v1.Span */
function protobufSpan(span: Fields, service: string): ReceivedSpan {
  const status = messages(span, 15)[0];
  return {
    traceId: hexAt(span, 1),
    spanId: hexAt(span, 2),
    parentSpanId: hexAt(span, 4),
    name: stringAt(span, 5),
    kind: kinds[Number(numberAt(span, 6))] ?? 'unspecified',
    service,
    attributes: protobufAttributes(messages(span, 9)),
    events: messages(span, 11).map((event) => ({
      name: stringAt(event, 2),
      attributes: protobufAttributes(messages(event, 3)),
    })),
    links: messages(span, 13).map((link) => ({ traceId: hexAt(link, 1), spanId: hexAt(link, 2) })),
    status: {
      code: statuses[status === undefined ? 0 : Number(numberAt(status, 3))] ?? 'unset',
      message: status === undefined ? '' : stringAt(status, 2),
    },
    start: numberAt(span, 7),
    end: numberAt(span, 8),
  };
}

function decodeProtobuf(body: Uint8Array): ReceivedSpan[] {
  return messages(fieldsOf(body), 1).flatMap((resourceSpans) => {
    const resource = messages(resourceSpans, 1)[0];
    const attributes = resource === undefined ? {} : protobufAttributes(messages(resource, 1));
    const service = String(attributes['service.name'] ?? '');
    return messages(resourceSpans, 2).flatMap((scope) => messages(scope, 2).map((span) => protobufSpan(span, service)));
  });
}

interface JsonValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string | number;
  doubleValue?: number;
  arrayValue?: { values?: JsonValue[] };
  kvlistValue?: { values?: JsonPair[] };
  bytesValue?: string;
}
interface JsonPair {
  key: string;
  value?: JsonValue;
}
interface JsonSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind?: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: JsonPair[];
  events?: { name: string; attributes?: JsonPair[] }[];
  links?: { traceId: string; spanId: string }[];
  status?: { code?: number; message?: string };
}
interface JsonRequest {
  resourceSpans?: { resource?: { attributes?: JsonPair[] }; scopeSpans?: { spans?: JsonSpan[] }[] }[];
}

function jsonValue(value: JsonValue | undefined): unknown {
  if (value?.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(jsonValue);
  if (value?.kvlistValue !== undefined) return jsonAttributes(value.kvlistValue.values);
  if (value?.intValue !== undefined) return Number(value.intValue);
  return value?.stringValue ?? value?.boolValue ?? value?.doubleValue ?? value?.bytesValue;
}

function jsonAttributes(pairs: JsonPair[] = []): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, jsonValue(value)]));
}

function jsonSpan(span: JsonSpan, service: string): ReceivedSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId ?? '',
    name: span.name,
    kind: kinds[span.kind ?? 0] ?? 'unspecified',
    service,
    attributes: jsonAttributes(span.attributes),
    events: (span.events ?? []).map(({ name, attributes }) => ({ name, attributes: jsonAttributes(attributes) })),
    links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, spanId })),
    status: { code: statuses[span.status?.code ?? 0] ?? 'unset', message: span.status?.message ?? '' },
    start: BigInt(span.startTimeUnixNano),
    end: BigInt(span.endTimeUnixNano),
  };
}

function decodeJson(body: Buffer): ReceivedSpan[] {
  const { resourceSpans = [] } = JSON.parse(body.toString('utf8')) as JsonRequest;
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const service = String(jsonAttributes(resource?.attributes)['service.name'] ?? '');
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => jsonSpan(span, service)));
  });
}

/** The spans of one ExportTraceServiceRequest, in OTLP's JSON (ids in hex, 64-bit numbers as text) or in protobuf. */
export function decodeTraceRequest(body: Buffer, contentType: string): ReceivedSpan[] {
  return contentType.includes('json') ? decodeJson(body) : decodeProtobuf(body);
}
