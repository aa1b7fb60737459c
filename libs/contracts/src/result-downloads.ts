import { getOption, type DescField, type JsonObject } from '@bufbuild/protobuf';
import { messageDescriptor, registry } from './registry.js';

/** Something that the result of a job offers for download. */
export type ResultDownload = {
  /** The field's name; stable, so that a link can name it. */
  field: string;
  /** For people. */
  label: string;
} & (
  | { type: 'file'; storageKey: string; fileName: string; contentType: string }
  /** A route of the gateway that signed links open. */
  | { type: 'route'; path: string }
);

interface DownloadOption {
  label: string;
  fileName: string;
  contentType: string;
  path: string;
}

const option = registry.getExtension('roundhouse.platform.v1.download');
if (!option) throw new Error('Option roundhouse.platform.v1.download is not part of the contract');

const contentTypes: Record<string, string> = {
  csv: 'text/csv; charset=utf-8',
  glb: 'model/gltf-binary',
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  obj: 'model/obj',
  pdf: 'application/pdf',
  srt: 'application/x-subrip',
  stl: 'model/stl',
  txt: 'text/plain; charset=utf-8',
  vtt: 'text/vtt',
  webp: 'image/webp',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  zip: 'application/zip',
};

const valueOf = (json: JsonObject, field: DescField): unknown => json[field.name] ?? json[field.jsonName];

/** What message `typeName`, in its JSON form, offers for download; fields without a value offer nothing. */
export function downloadsOf(typeName: string, json: JsonObject): ResultDownload[] {
  const { fields } = messageDescriptor(typeName);
  return fields.flatMap((field): ResultDownload[] => {
    const offered = getOption(field as never, option as never) as DownloadOption;
    const value = valueOf(json, field);
    if (!offered.label || typeof value !== 'string' || value === '') return [];
    const common = { field: field.name, label: offered.label };
    if (offered.path)
      return [{ ...common, type: 'route', path: offered.path.replace('{}', encodeURIComponent(value)) }];
    const fileName = fill(offered.fileName, fields, json) || value.slice(value.lastIndexOf('/') + 1);
    const contentType = offered.contentType || typeByEnding(fileName);
    return [{ ...common, type: 'file', storageKey: value, fileName, contentType }];
  });
}

function fill(template: string, fields: readonly DescField[], json: JsonObject): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const field = fields.find((f) => f.name === name);
    return field ? String(valueOf(json, field) ?? '') : '';
  });
}

function typeByEnding(fileName: string): string {
  const ending = fileName.slice(fileName.lastIndexOf('.') + 1).toLowerCase();
  return contentTypes[ending] ?? 'application/octet-stream';
}
