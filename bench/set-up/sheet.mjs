import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

const conditions = ['new', 'used', 'broken'];

export const columns = [
  { name: 'sku', type: 'string', required: true, transform: ['trim'] },
  { name: 'name', type: 'string', required: true },
  { name: 'quantity', type: 'integer', rule: { min: 0 } },
  { name: 'price', type: 'decimal', rule: { min: 0 } },
  { name: 'added', type: 'date' },
  { name: 'active', type: 'boolean' },
  { name: 'contact', type: 'email' },
  { name: 'condition', type: 'enum', values: conditions },
  { name: 'notes', type: 'string', rule: { max_length: 200 } },
  { name: 'weight', type: 'decimal' },
];

export const template = { name: 'Items', target: 'items', key: ['sku'], columns };

const day = (i) => new Date(Date.UTC(2024, 0, 1) + (i % 700) * 86_400_000).toISOString().slice(0, 10);

/** Values of a row as text, by column. */
const row = (i) => [
  `SKU-${String(i).padStart(7, '0')}`,
  `Product number ${i}`,
  String(i % 97),
  String(((i * 7919) % 100_000) / 100),
  day(i),
  String(i % 2 === 0),
  `person${i}@example.com`,
  conditions[i % 3],
  `A longer text for row ${i} with some words in it`,
  String(((i * 31) % 1000) / 10),
];

async function* batches(rows) {
  for (let i = 0; i < rows; i += 1000)
    yield JSON.stringify(Array.from({ length: Math.min(1000, rows - i) }, (_, n) => row(i + n)));
}

/** An .xlsx file of that many rows, typed cells and inline texts, as a large export has them. */
export async function writeSheet(path, rows) {
  const { SheetProcess } = await import('@roundhouse/spreadsheets');
  const headers = columns.map(({ name, type }) => ({ header: name, type }));
  const request = { type: 'write', format: 'xlsx', name: 'Items', columns: headers, delimiter: ',', timeZone: 'UTC' };
  await pipeline(
    SheetProcess.start().write(request, batches(rows), () => undefined),
    createWriteStream(path),
  );
}
