// Writes buf/validate/validate.proto as a source file for the proto compiler.
//
// The field rules' definitions live in a schema registry that a build must not
// depend on, but @bufbuild/protovalidate carries their descriptor. Printing that
// descriptor keeps the compiler's view and the validator's the same version.
// Options inside the file are left out: the validator brings its own.
import { ScalarType } from '@bufbuild/protobuf';
import { file_buf_validate_validate as file } from '../node_modules/@bufbuild/protovalidate/dist/esm/gen/buf/validate/validate_pb.js';

function typeName(field) {
  if (field.message) return `.${field.message.typeName}`;
  if (field.enum) return `.${field.enum.typeName}`;
  return ScalarType[field.scalar].toLowerCase();
}

function printField(field, indent) {
  const name = field.name;
  if (field.fieldKind === 'map') {
    const value = field.message
      ? `.${field.message.typeName}`
      : field.enum
        ? `.${field.enum.typeName}`
        : ScalarType[field.scalar].toLowerCase();
    return `${indent}map<${ScalarType[field.mapKey].toLowerCase()}, ${value}> ${name} = ${field.number};`;
  }
  if (field.fieldKind === 'list') {
    const value = field.listKind === 'scalar' ? ScalarType[field.scalar].toLowerCase() : typeName(field);
    return `${indent}repeated ${value} ${name} = ${field.number};`;
  }
  return `${indent}${field.oneof ? '' : 'optional '}${typeName(field)} ${name} = ${field.number};`;
}

function printEnum(e, indent) {
  const values = e.values.map((v) => `${indent}  ${v.name} = ${v.number};`);
  return [`${indent}enum ${e.name} {`, ...values, `${indent}}`].join('\n');
}

function printMessage(message, indent) {
  const lines = [`${indent}message ${message.name} {`];
  for (const e of message.nestedEnums) lines.push(printEnum(e, `${indent}  `));
  for (const m of message.nestedMessages) lines.push(printMessage(m, `${indent}  `));
  for (const oneof of message.oneofs) {
    lines.push(`${indent}  oneof ${oneof.name} {`);
    for (const field of oneof.fields) lines.push(printField(field, `${indent}    `));
    lines.push(`${indent}  }`);
  }
  for (const field of message.fields.filter((f) => !f.oneof)) lines.push(printField(field, `${indent}  `));
  for (const range of message.proto.extensionRange)
    lines.push(`${indent}  extensions ${range.start} to ${range.end > 536870911 ? 'max' : range.end - 1};`);
  lines.push(`${indent}}`);
  return lines.join('\n');
}

function printExtension(extension) {
  return [`extend .${extension.extendee.typeName} {`, printField(extension, '  '), '}'].join('\n');
}

export function validateProtoSource() {
  return [
    'syntax = "proto2";',
    `package ${file.proto.package};`,
    ...file.proto.dependency.map((path) => `import "${path}";`),
    ...file.enums.map((e) => printEnum(e, '')),
    ...file.messages.map((m) => printMessage(m, '')),
    ...file.extensions.map(printExtension),
    '',
  ].join('\n');
}
