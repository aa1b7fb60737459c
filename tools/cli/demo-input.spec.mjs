import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSchwab, readInput } from './demo-input.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'roundhouse-input-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const schwab = '"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"\n';

describe('the folder of fills and bars', () => {
  test('the format follows from what is there', () => {
    write({ 'fills.csv': schwab, 'bars/AAA.csv': 'date,close\n' });
    expect(readInput(folder)).toMatchObject({ format: 'schwab_csv', name: 'fills.csv', bars: join(folder, 'bars') });
    write({ 'mapping.json': '{"symbol":"Ticker"}' });
    expect(readInput(folder)).toMatchObject({ format: 'generic_csv', mapping: { symbol: 'Ticker' } });
  });

  test('an XML file is a Flex report', () => {
    write({ 'fills.xml': '<FlexQueryResponse/>', 'bars/AAA.csv': '' });
    expect(readInput(folder).format).toBe('ibkr_flex_xml');
  });

  test('the same folder is the same user, another is another', () => {
    write({ 'fills.xml': '<a/>', 'bars/AAA.csv': '', 'b/fills.xml': '<a/>', 'b/bars/AAA.csv': '' });
    expect(readInput(folder).userId).toBe(readInput(`${folder}/.`).userId);
    expect(readInput(join(folder, 'b')).userId).not.toBe(readInput(folder).userId);
  });

  test('what is missing is named', () => {
    expect(() => readInput(join(folder, 'none'))).toThrow('is not a folder');
    expect(() => readInput(folder)).toThrow('must hold fills.csv or fills.xml');
    write({ 'fills.csv': 'a,b\n1,2\n' });
    expect(() => readInput(folder)).toThrow('mapping.json');
    write({ 'mapping.json': '{' });
    expect(() => readInput(folder)).toThrow('is not JSON');
    write({ 'mapping.json': '{}' });
    expect(() => readInput(folder)).toThrow('daily bars');
  });

  test("Schwab's header is found behind a title line and a byte order mark", () => {
    expect(isSchwab(`\uFEFF${schwab}`)).toBe(true);
    expect(isSchwab(`"Transactions for account XXXX"\n${schwab}`)).toBe(true);
    expect(isSchwab('time,symbol,side\n')).toBe(false);
  });
});
