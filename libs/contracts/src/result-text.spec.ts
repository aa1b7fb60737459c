import { catalogue } from './catalogue.js';
import { messageDescriptor } from './registry.js';
import { outcomeText, placeholdersIn } from './result-text.js';

it('says what came out, zeros and all', () => {
  const { outcome, resultType } = catalogue.kind('trading.import_trades')!;
  expect(outcomeText(outcome, resultType, { fetched: 12, stored: 9, failed: 0 })).toBe(
    '12 read, 9 of them new, 0 with errors',
  );
  expect(outcomeText('', resultType, { fetched: 12 })).toBe('');
});

it.each(catalogue.kinds().filter(({ outcome }) => outcome))('$kind asks for fields that its result has', (kind) => {
  const names = messageDescriptor(kind.resultType).fields.map(({ name }) => name);
  expect(placeholdersIn(kind.outcome).filter((name) => !names.includes(name))).toEqual([]);
});
