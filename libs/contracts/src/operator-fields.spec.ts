import { encodeJsonPayload } from './json-payload.js';
import { operatorFields } from './operator-fields.js';

function pathsOf(type: string, payload: object): string[] {
  const name = `roundhouse.platform.v1.${type}`;
  const encoded = encodeJsonPayload(name, payload);
  if (!encoded.ok) throw new Error(JSON.stringify(encoded.violations));
  return operatorFields(name, encoded.bytes).map(({ path }) => path);
}

it.each([
  ['ProbeRequest', { crashes: 1 }, ['crashes']],
  ['ProbeRequest', { text: 'x', ignoreInterruption: true, crashes: 2 }, ['crashes', 'ignore_interruption']],
  ['ProbeRequest', { text: 'x', crashes: 0, ignore_interruption: false, failures: 3 }, []],
  ['LimitedProbeRequest', { key: 'k', crashes: 1 }, ['crashes']],
  ['RatedProbeRequest', { provider_url: 'http://127.0.0.1' }, ['provider_url']],
  ['ProbeFileRequest', { file: 'acme/secret' }, ['file']],
  ['NoopRequest', { text: 'x' }, []],
])('of %s %j names what is for operators', (type, payload, paths) => {
  expect(pathsOf(type, payload)).toEqual(paths);
});

it('says who may set it', () => {
  const encoded = encodeJsonPayload('roundhouse.platform.v1.ProbeRequest', { crashes: 1 });
  if (!encoded.ok) throw new Error('not encoded');
  const [violation] = operatorFields('roundhouse.platform.v1.ProbeRequest', encoded.bytes);
  expect(violation?.message).toContain('operators');
});
