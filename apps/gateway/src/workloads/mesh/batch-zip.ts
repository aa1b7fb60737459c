import type { Mesh, MeshBatch, MeshStore } from '@roundhouse/mesh';
import type { FileStorage } from '@roundhouse/storage';
import type { FastifyReply } from 'fastify';
import { PassThrough } from 'node:stream';
import { ZipFile } from 'yazl';
import { asciiName } from './file-answer.js';

const perPage = 500;

/** Streams what is made of a batch: every file is opened when its turn comes, nothing is gathered. */
export async function sendZip(
  batch: MeshBatch,
  formats: readonly string[] | undefined,
  { meshes, storage }: { meshes: MeshStore; storage: FileStorage },
  reply: FastifyReply,
): Promise<void> {
  const zip = new ZipFile();
  const out = new PassThrough();
  zip.outputStream.pipe(out);
  zip.on('error', (error: Error) => out.destroy(error));
  const digits = String(batch.total).length;
  const fill = async (): Promise<void> => {
    const errors = ['number,name,state,code,message'];
    for (let after = -1; !out.destroyed;) {
      const page = await meshes.ofBatch(batch.tenantId, batch.id, after, perPage);
      const last = page.at(-1);
      if (!last) break;
      for (const mesh of page) {
        addFiles(zip, mesh, fileStem(mesh, digits), formats, storage);
        if (mesh.state !== 'succeeded') errors.push(errorLine(mesh));
      }
      after = last.position;
    }
    if (errors.length > 1) zip.addBuffer(Buffer.from(`${errors.join('\r\n')}\r\n`), 'errors.csv');
    zip.end();
  };
  fill().catch((error: unknown) => out.destroy(error as Error));
  const name = asciiName(batch.name);
  await reply.type('application/zip').header('content-disposition', `attachment; filename="${name}.zip"`).send(out);
}

function addFiles(
  zip: ZipFile,
  { files, finishedAt }: Mesh,
  stem: string,
  formats: readonly string[] | undefined,
  storage: FileStorage,
): void {
  for (const { format, storageKey, bytes } of files) {
    if (format === 'thumbnail' || (formats && !formats.includes(format))) continue;
    const mtime = finishedAt ?? new Date();
    zip.addReadStreamLazy(`${stem}.${format}`, { mtime, size: bytes, compress: format !== 'glb' }, (done) => {
      storage.open(storageKey).then(
        (stream) => done(null, stream),
        (error: unknown) => done(error, undefined as never),
      );
    });
  }
}

/** "0017-gear": names of a batch need not differ, numbers do. */
function fileStem({ position, name }: Mesh, digits: number): string {
  const stem = asciiName(name.replace(/\.[A-Za-z0-9]{1,5}$/, '')).replace(/^\.+/, '');
  return `${String(position).padStart(digits, '0')}-${stem || 'mesh'}`;
}

function errorLine({ position, name, state, error }: Mesh): string {
  // A leading = + - @ would be a formula in a spreadsheet.
  const quoted = (value: string) => `"${value.replace(/^[=+\-@]/, "'$&").replaceAll('"', '""')}"`;
  return [String(position), quoted(name), state, error?.code ?? '', quoted(error?.message ?? '')].join(',');
}
