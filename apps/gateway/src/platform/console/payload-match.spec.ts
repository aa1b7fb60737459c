import { encodeJsonPayload } from '@roundhouse/contracts';
import type { JobEntity } from '@roundhouse/ledger';
import { payloadMatch } from './payload-match.js';

function job(kind: string, type: string, json: object): JobEntity {
  const encoded = encodeJsonPayload(type, json);
  if (!encoded.ok) throw new Error(JSON.stringify(encoded.violations));
  return { kind, payload: Buffer.from(encoded.bytes) } as JobEntity;
}

const noop = job('platform.noop', 'roundhouse.platform.v1.NoopRequest', { text: 'Order 4711 of ACME' });

describe('payload search', () => {
  it.each([
    [['acme'], true],
    [['4711', 'order'], true],
    [['text=4711'], true],
    [['other=4711'], false],
    [['globex'], false],
  ])('%j: %s', (parts, found) => expect(payloadMatch(parts)(noop)).toBe(found));

  it('says nothing of what cannot be read', () => {
    expect(payloadMatch([''])({ kind: 'gone.kind', payload: Buffer.from('x') } as JobEntity)).toBe(false);
  });
});
