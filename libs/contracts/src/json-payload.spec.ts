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

describe('numbers', () => {
  const probe = 'roundhouse.platform.v1.ProbeRequest';
  const exact = 9007199254740993n;

  function shown(json: unknown) {
    const encoded = encodeJsonPayload(probe, json);
    if (!encoded.ok) return encoded.violations;
    return decodeToJson(probe, encoded.bytes);
  }

  it('of 64 bits are exact, also in lists and maps', () => {
    const expected = {
      number: '9007199254740993',
      numbers: ['1', '-9007199254740993', '9223372036854775807'],
      named_numbers: { a: '9007199254740993' },
    };
    expect(shown({ number: exact, numbers: [1, -exact, 2n ** 63n - 1n], named_numbers: { a: exact } })).toMatchObject(
      expected,
    );
    expect(shown(expected)).toMatchObject(expected);
  });

  it('that were rounded on the way are refused where they stand', () => {
    const rounded = 9007199254740992;
    expect(shown({ number: rounded, numbers: [1, -1e18], namedNumbers: { 'a b': rounded } })).toEqual(
      ['number', 'numbers[1]', 'namedNumbers["a b"]'].map((path) => ({
        path,
        message: expect.stringContaining('send it as a string'),
      })),
    );
  });

  it('beyond 64 bits, and where no whole number belongs, are refused as they were sent', () => {
    expect(shown({ number: 2n ** 63n, text: exact, steps: exact, numbers: [2n ** 64n] })).toEqual([
      { path: 'number', message: 'must be a whole number in range, not "9223372036854775808"' },
      { path: 'text', message: 'must be a string, not 9007199254740993' },
      { path: 'steps', message: 'must be a whole number in range, not 9007199254740993' },
      { path: 'numbers[0]', message: 'must be a whole number in range, not "18446744073709551616"' },
    ]);
  });

  it('of floating point take integers of any size, and are shown as short as they can be', () => {
    expect(shown({ ratio: 10n ** 18n })).toMatchObject({ ratio: 1e18 });
    for (const ratio of [0.1, 1 / 3, 16777216, 1.1754944e-38, 3.4028235e38, 0.3, 100]) {
      const { ratio: short } = shown({ ratio }) as { ratio: number };
      expect(Math.fround(short)).toBe(Math.fround(ratio));
      expect(String(short).replace(/e.*/, '').length).toBeLessThanOrEqual(11);
    }
    expect(shown({ ratio: 0.1 })).toMatchObject({ ratio: 0.1 });
    expect(shown({ ratio: 'NaN' })).toMatchObject({ ratio: 'NaN' });
  });
});

it('names the key of a map at which something is wrong', () => {
  const encoded = encodeJsonPayload('roundhouse.platform.v1.ProbeRequest', {
    named_numbers: { a: 1, 'b"c': 'many', d: null },
  });
  expect(encoded).toMatchObject({
    violations: [
      { path: 'named_numbers["b\\"c"]', message: 'must be a whole number in range, not "many"' },
      { path: 'named_numbers["d"]', message: 'must be a whole number in range, not null' },
    ],
  });
});
