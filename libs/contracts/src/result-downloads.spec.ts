import { downloadsOf } from './result-downloads.js';

it('offers a stored file under a name made of other fields', () => {
  const result = { text: 'hello', file: 'exports/abc' };
  expect(downloadsOf('roundhouse.platform.v1.ProbeFileResult', result)).toEqual([
    {
      type: 'file',
      field: 'file',
      label: 'The file of the probe',
      storageKey: 'exports/abc',
      fileName: 'hello.txt',
      contentType: 'text/plain; charset=utf-8',
    },
  ]);
});

it('offers a page, whichever way JSON names the field', () => {
  const page = { type: 'route', field: 'digest_id', label: 'Read the digest', path: '/v1/digests/a%2Fb/page' };
  expect(downloadsOf('roundhouse.trading.v1.GenerateDigestResult', { digest_id: 'a/b' })).toEqual([page]);
  expect(downloadsOf('roundhouse.trading.v1.GenerateDigestResult', { digestId: 'a/b' })).toEqual([page]);
});

it('offers what messages in the result offer, with fields of those around them', () => {
  const files = [{ ending: 'glb' }, { ending: '' }, { ending: 'stl' }];
  expect(downloadsOf('roundhouse.mesh.v1.GenerateMeshResult', { mesh_id: 'm/1', files })).toEqual([
    { type: 'route', field: 'files.0.ending', label: 'Download .glb', path: '/v1/meshes/m%2F1/files/glb' },
    { type: 'route', field: 'files.2.ending', label: 'Download .stl', path: '/v1/meshes/m%2F1/files/stl' },
  ]);
});

it('offers nothing where the result has no value', () => {
  expect(downloadsOf('roundhouse.platform.v1.ProbeFileResult', { text: 'hello' })).toEqual([]);
  expect(downloadsOf('roundhouse.platform.v1.NoopResult', { text: 'hello' })).toEqual([]);
});
