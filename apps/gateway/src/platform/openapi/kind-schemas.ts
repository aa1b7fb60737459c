import { ScalarType, type DescField, type DescMessage } from '@bufbuild/protobuf';
import { catalogue, isForOperators, messageDescriptor } from '@roundhouse/contracts';

const scalars: Partial<Record<ScalarType, object>> = {
  [ScalarType.STRING]: { type: 'string' },
  [ScalarType.BOOL]: { type: 'boolean' },
  [ScalarType.BYTES]: { type: 'string', contentEncoding: 'base64' },
  [ScalarType.DOUBLE]: { type: 'number' },
  [ScalarType.FLOAT]: { type: 'number' },
  // 64-bit integers are strings in proto JSON: JavaScript numbers would round them.
  [ScalarType.INT64]: { type: 'string', pattern: '^-?[0-9]+$' },
  [ScalarType.UINT64]: { type: 'string', pattern: '^[0-9]+$' },
};

const wellKnown: Record<string, object> = {
  'google.protobuf.Timestamp': { type: 'string', format: 'date-time' },
  'google.protobuf.Duration': { type: 'string', pattern: '^-?[0-9]+(\\.[0-9]+)?s$' },
};

type Schemas = Record<string, object>;

function valueSchema(field: DescField, schemas: Schemas): object {
  if (field.enum) return { type: 'string', enum: field.enum.values.map((v) => v.name) };
  if (field.message) return messageSchema(field.message, schemas);
  return scalars[field.scalar as ScalarType] ?? { type: 'integer' };
}

function fieldSchema(field: DescField, schemas: Schemas): object {
  if (field.fieldKind === 'list') return { type: 'array', items: valueSchema(field, schemas) };
  if (field.fieldKind === 'map') return { type: 'object', additionalProperties: valueSchema(field, schemas) };
  return valueSchema(field, schemas);
}

const described = (field: DescField, schema: object): object =>
  isForOperators(field) ? { ...schema, description: 'Only for operators' } : schema;

function messageSchema(message: DescMessage, schemas: Schemas): object {
  const known = wellKnown[message.typeName];
  if (known) return known;
  if (!schemas[message.typeName]) {
    schemas[message.typeName] = {}; // a recursive message refers to itself
    schemas[message.typeName] = {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(message.fields.map((f) => [f.name, described(f, fieldSchema(f, schemas))])),
    };
  }
  return { $ref: `#/components/schemas/${message.typeName}` };
}

/** JSON Schemas of every kind's request and result, named by their message. */
export function kindSchemas(): Schemas {
  const schemas: Schemas = {};
  for (const { requestType, resultType } of catalogue.kinds()) {
    messageSchema(messageDescriptor(requestType), schemas);
    messageSchema(messageDescriptor(resultType), schemas);
  }
  return schemas;
}
