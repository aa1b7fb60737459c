import ExcelJS from 'exceljs';
import pg from 'pg';

// What one would write in an afternoon: stream rows, insert them in batches. Nothing is checked, no errors are kept, and it starts anew when it is killed.
const { databaseUrl, file, batch } = JSON.parse(process.argv[2]);
const client = new pg.Client({ connectionString: databaseUrl });
await client.connect();
await client.query(`drop table if exists exceljs_items`);
await client.query(`create table exceljs_items (sku text primary key, name text, quantity integer, price numeric, added date,
  active boolean, contact text, condition text, notes text, weight numeric)`);
process.send({ ready: true });

async function insert(rows) {
  const width = rows[0].length;
  const places = rows.map((_, r) => `(${rows[0].map((_, c) => `$${r * width + c + 1}`).join(',')})`);
  await client.query(`insert into exceljs_items values ${places.join(',')}`, rows.flat());
}

process.once('message', async () => {
  const start = performance.now();
  let rows = [];
  const workbook = new ExcelJS.stream.xlsx.WorkbookReader(file, {
    worksheets: 'emit',
    sharedStrings: 'cache',
    styles: 'cache',
    hyperlinks: 'ignore',
  });
  for await (const sheet of workbook) {
    for await (const row of sheet) {
      if (row.number === 1) continue;
      rows.push(row.values.slice(1));
      if (rows.length < batch) continue;
      await insert(rows);
      rows = [];
    }
  }
  if (rows.length > 0) await insert(rows);
  const seconds = (performance.now() - start) / 1000;
  const {
    rows: [{ count }],
  } = await client.query('select count(*)::int as count from exceljs_items');
  await client.end();
  process.send({ seconds, count, peakRssMb: process.resourceUsage().maxRSS / 1024 });
});
process.once('disconnect', () => process.exit(0));
