import { getOption, type DescField, type JsonObject } from '@bufbuild/protobuf';
import { messageDescriptor, registry } from './registry.js';
import { fillIn, valueOf, type Surroundings } from './result-text.js';

/** Something that the result of a job offers for download. */
export type ResultDownload = {
  /** Where in the result: "file", "files.0.ending"; stable, so that a link can name it. */
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

/** What message `typeName`, in its JSON form, offers for download; fields without a value offer nothing. */
export function downloadsOf(typeName: string, json: JsonObject): ResultDownload[] {
  return offers('', [{ message: messageDescriptor(typeName), json }]);
}

/** Of the innermost message, and of the messages in it: `files.0.ending` is a field of the first of `files`. */
function offers(prefix: string, around: Surroundings): ResultDownload[] {
  const [inner] = around;
  if (!inner) return [];
  return inner.message.fields.flatMap((field) => {
    const name = prefix + field.name;
    const value = valueOf(inner, field.name);
    if (typeof value === 'string') return offer(name, field, value, around);
    const { message } = field;
    if (!message || field.fieldKind === 'map') return [];
    if (Array.isArray(value))
      return value.flatMap((item, i) => offers(`${name}.${i}.`, [{ message, json: item as JsonObject }, ...around]));
    const isMessage = typeof value === 'object' && value !== null;
    return isMessage ? offers(`${name}.`, [{ message, json: value as JsonObject }, ...around]) : [];
  });
}

function offer(name: string, field: DescField, value: string, around: Surroundings): ResultDownload[] {
  const offered = getOption(field as never, option as never) as DownloadOption;
  if (!offered.label || value === '') return [];
  const common = { field: name, label: fillIn(offered.label, around) };
  if (offered.path) {
    const path = fillIn(offered.path.replace('{}', encodeURIComponent(value)), around, encodeURIComponent);
    return [{ ...common, type: 'route', path }];
  }
  const fileName = fillIn(offered.fileName, around) || value.slice(value.lastIndexOf('/') + 1);
  return [
    {
      ...common,
      type: 'file',
      storageKey: value,
      fileName,
      contentType: offered.contentType || typeByEnding(fileName),
    },
  ];
}

function typeByEnding(fileName: string): string {
  const ending = fileName.slice(fileName.lastIndexOf('.') + 1).toLowerCase();
  return contentTypes[ending] ?? 'application/octet-stream';
}
