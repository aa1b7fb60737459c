import { formatJson, parseEdited, parseJson } from './json.js';

describe('numbers beyond 2^53', () => {
  it('are shown with every digit', () => {
    expect(formatJson(parseJson('{"n":9007199254740993,"m":1.5}'))).toBe('{"n":9007199254740993,"m":1.5}');
  });

  it('that somebody typed go out as proto JSON writes them', () => {
    expect(formatJson(parseEdited('{"n": 9007199254740993, "small": 7}'))).toBe('{"n":"9007199254740993","small":7}');
  });

  it('do not hide what is no JSON', () => {
    expect(() => parseEdited('{"n": }')).toThrow(SyntaxError);
  });
});
