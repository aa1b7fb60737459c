import { decodeToJson, encodeJsonPayload } from './json-payload.js';
import { ImportTradesRequest } from './generated/messages.js';

const request = 'roundhouse.trading.v1.ImportTradesRequest';
const file = { storage_key: 'a/b', format: 'TRADE_FILE_FORMAT_SCHWAB_CSV' };

function violations(json: unknown) {
  const encoded = encodeJsonPayload(request, json);
  return encoded.ok ? [] : encoded.violations;
}

describe('encodeJsonPayload', () => {
  it('writes the bytes that the generated code reads', () => {
    const encoded = encodeJsonPayload(request, { user_id: 'u1', file });
    if (!encoded.ok) throw new Error(JSON.stringify(encoded.violations));
    const message = ImportTradesRequest.decode(encoded.bytes);
    expect(message.userId).toBe('u1');
    expect(message.source).toMatchObject({ $case: 'file', value: { storageKey: 'a/b', format: 2 } });
    expect(decodeToJson(request, encoded.bytes)).toMatchObject({ user_id: 'u1', file });
  });

  it('names unknown fields with their path', () => {
    expect(violations({ user_id: 'u1', file: { ...file, colour: 'red' } })).toEqual([
      { path: 'file.colour', message: expect.stringContaining('unknown field; UploadedFile has storage_key, name') },
    ]);
  });

  it('names every value of a wrong type', () => {
    expect(violations({ user_id: 5, file: { ...file, format: 'XLS' }, since: 'yesterday' }).map((v) => v.path)).toEqual(
      ['user_id', 'file.format', 'since'],
    );
  });

  it('enforces the field rules of the contract', () => {
    expect(violations({ file })).toEqual([{ path: 'user_id', message: expect.stringContaining('at least 1') }]);
    expect(violations({ user_id: 'u1' })[0]?.path).toBe('source');
    expect(violations({ user_id: 'u1', connection_id: 'x' })[0]?.path).toBe('connection_id');
  });

  it('refuses two members of a oneof, and what is not an object', () => {
    expect(violations({ user_id: 'u1', file, connection_id: 'x' })).toEqual([
      { path: 'connection_id', message: 'only one of file and connection_id may be set' },
    ]);
    expect(violations([1])).toEqual([{ path: '', message: `must be an object (${request})` }]);
  });
});
