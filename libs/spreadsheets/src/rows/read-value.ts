import type { Cell } from '../cells/cell.js';
import { dateReader, readIsoTime, type ReadTime } from '../cells/date-text.js';
import { plainNumber, typedNumber } from '../cells/number-text.js';
import { isoDate, isoTime, wallTimeOfSerial, type DateSystem } from '../cells/serial-date.js';
import { utcOfWallTime } from '../cells/zone-time.js';
import { headerOf } from '../template/header-of.js';
import { compiledPattern, patternCharacters } from '../template/pattern.js';
import type { Column, Transform } from '../template/template.js';
import { cellText } from './cell-text.js';
import { shownValue, type RowRule } from './row-error.js';

export interface Fault {
  rule: RowRule;
  message: string;
}

/**
 * A value as text, which is what keys are made of and what PostgreSQL reads: plain numbers, true and false, dates in ISO 8601. Undefined for an
 * empty cell without a default.
 */
export type Reading = string | undefined | Fault;

export interface ReadingOptions {
  dateSystem: DateSystem;
  timeZone: string;
}

/** Reads a cell as a column's type. */
export type ValueReader = (cell: Cell | undefined) => Reading;

const fault = (rule: RowRule, message: string): Fault => ({ rule, message });

const steps: Record<Transform, (text: string) => string> = {
  trim: (text) => text.trim(),
  collapse: (text) => text.replace(/\s+/gu, ' ').trim(),
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  title: (text) => text.toLowerCase().replace(/(^|[\s-])\p{L}/gu, (letter) => letter.toUpperCase()),
  digits: (text) => text.replace(/\D/g, ''),
  alphanumeric: (text) => text.replace(/[^\p{L}\p{N}]/gu, ''),
};

type TypeReader = (text: string, cell: Cell) => Reading;

/** The reader of a column; everything that does not depend on the cell is prepared once. */
export function valueReader(column: Column, options: ReadingOptions): ValueReader {
  const name = headerOf(column);
  const ofType = typeReader(column, options);
  const transform = column.transform.map((step) => steps[step]);
  const standIn: Cell | undefined = column.default ? { kind: 'text', text: column.default } : undefined;
  return (given) => {
    let cell = given;
    let text = cellText(cell, options.dateSystem);
    for (const step of transform) text = step(text);
    if (text.trim() === '' && cell?.kind !== 'uncalculated') {
      cell = standIn;
      text = column.default ?? '';
    }
    if (cell === undefined || (text.trim() === '' && cell.kind !== 'uncalculated'))
      return column.required ? fault('required', `${name} is required`) : undefined;
    if (cell.kind === 'error') return fault('cell_error', `${name} holds the error ${cell.text}; correct the formula`);
    if (cell.kind === 'uncalculated')
      return fault('uncalculated', `${name} is a formula without a stored value; open the file in Excel and save it`);
    return ofType(text, cell);
  };
}

function typeReader(column: Column, options: ReadingOptions): TypeReader {
  switch (column.type) {
    case 'string':
    case 'reference':
      return textReader(column);
    case 'integer':
    case 'decimal':
      return numberReader(column);
    case 'boolean':
      return booleanReader(column);
    case 'date':
    case 'datetime':
      return timeReader(column, options);
    case 'email':
      return emailReader(column);
    case 'enum':
      return enumReader(column);
  }
}

function lengthFault(column: Column, text: string): Fault | undefined {
  const { min_length: min, max_length: max } = column.rule;
  if (min === undefined && max === undefined) return undefined;
  const length = [...text].length;
  if (min !== undefined && length < min)
    return fault('length', `${headerOf(column)} has ${length} characters, at least ${min} are needed`);
  if (max !== undefined && length > max)
    return fault('length', `${headerOf(column)} has ${length} characters, at most ${max} are allowed`);
  return undefined;
}

function textReader(column: Column): TypeReader {
  const matches = column.rule.pattern === undefined ? undefined : compiledPattern(column.rule.pattern);
  return (text) => {
    const wrong = lengthFault(column, text);
    if (wrong) return wrong;
    if (!matches) return text;
    if (text.length > patternCharacters)
      return fault('pattern', `${headerOf(column)} has more than the ${patternCharacters} characters that are matched`);
    if (!matches(text)) return fault('pattern', `${headerOf(column)} does not match ${column.rule.pattern}`);
    return text;
  };
}

function numberReader(column: Column): TypeReader {
  const { min, max } = column.rule;
  const name = headerOf(column);
  const whole = column.type === 'integer';
  return (text, cell) => {
    const transformed = column.transform.length > 0;
    const isNumber = cell.kind === 'number' && !transformed && typeof cell.format !== 'string';
    if (cell.kind === 'number' && typeof cell.format === 'string')
      return fault('type', `${name} is a date or a time, a number is expected`);
    const number = isNumber ? plainNumber(cell.text) : typedNumber(text, column.decimal);
    if (number === undefined)
      return fault('type', `${name} is no number: "${shownValue(text)}"${hint(text, column.decimal)}`);
    if (whole && !/^-?\d{1,18}$/.test(number))
      return fault('type', `${name} is no whole number of at most 18 digits: ${shownValue(number)}`);
    const value = Number(number);
    if (min !== undefined && value < min) return fault('range', `${name} is ${number}, at least ${min} is needed`);
    if (max !== undefined && value > max) return fault('range', `${name} is ${number}, at most ${max} is allowed`);
    return number;
  };
}

function hint(text: string, decimal: '.' | ','): string {
  const other = decimal === '.' ? ',' : '.';
  return typedNumber(text, other) === undefined ? '' : `; the template's decimal point is "${decimal}"`;
}

const truths = new Set(['true', 'yes', 'y', '1', 'x', 'on', 'wahr', 'ja', 'vrai', 'oui', 'si', 'sí', '✓']);
const falsities = new Set(['false', 'no', 'n', '0', 'off', 'falsch', 'nein', 'faux', 'non', '-']);

function booleanReader(column: Column): TypeReader {
  return (text) => {
    const word = text.trim().toLowerCase();
    if (truths.has(word)) return 'true';
    if (falsities.has(word)) return 'false';
    return fault('type', `${headerOf(column)} is neither yes nor no: "${shownValue(text)}"`);
  };
}

function timeReader(column: Column, options: ReadingOptions): TypeReader {
  const name = headerOf(column);
  const readers = [readIsoTime, ...column.formats.map(dateReader)];
  const expected = ['2026-01-31', ...column.formats].join(', ');
  const { not_before: from, not_after: to } = column.rule;
  return (text, cell) => {
    const read =
      cell.kind === 'number' && column.transform.length === 0 ? ofSerial(cell, options) : ofText(text, readers);
    if (typeof read === 'string') return fault('type', `${name} ${read}`);
    if (!read) return fault('type', `${name} is no date: "${shownValue(text)}"; expected ${expected}`);
    const day = isoDate(read.ms);
    if (from !== undefined && day < from) return fault('range', `${name} is ${day}, before ${from}`);
    if (to !== undefined && day > to) return fault('range', `${name} is ${day}, after ${to}`);
    if (column.type === 'date') return day;
    const utc = read.isUtc ? read.ms : utcOfWallTime(read.ms, options.timeZone);
    return `${isoDate(utc)}T${isoTime(utc)}Z`;
  };
}

function ofText(text: string, readers: ((text: string) => ReadTime | undefined)[]): ReadTime | undefined {
  const trimmed = text.trim();
  for (const reader of readers) {
    const read = reader(trimmed);
    if (read) return read;
  }
  return undefined;
}

/** A number is a date by its format alone: an amount must not become one because it lies in the wrong column. */
function ofSerial(cell: Extract<Cell, { kind: 'number' }>, { dateSystem }: ReadingOptions): ReadTime | string {
  if (cell.format !== 'date' && cell.format !== 'datetime')
    return `is a number, not a date: ${shownValue(cell.text)}; format the column as a date`;
  const ms = wallTimeOfSerial(Number(cell.text), dateSystem);
  if (ms === undefined) return `is no day of Excel's calendar: ${shownValue(cell.text)}`;
  return { ms, isUtc: false, hasTime: true };
}

// As HTML does (WHATWG HTML, "valid email address"), with a dot in the domain.
const email =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/i;

function emailReader(column: Column): TypeReader {
  return (text) => {
    const address = text.trim();
    if (address.length > 254 || !email.test(address))
      return fault('type', `${headerOf(column)} is no e-mail address: "${shownValue(text)}"`);
    const at = address.lastIndexOf('@');
    // The domain has no case; the part before it may have.
    return address.slice(0, at) + address.slice(at).toLowerCase();
  };
}

function enumReader(column: Column): TypeReader {
  const values = new Map(column.values?.map((value) => [value.trim().toLowerCase(), value]));
  const list = shownValue(column.values?.join(', ') ?? '');
  return (text) => {
    const value = values.get(text.trim().toLowerCase());
    return value === undefined
      ? fault('enum', `${headerOf(column)} is "${shownValue(text)}", expected one of ${list}`)
      : value;
  };
}
