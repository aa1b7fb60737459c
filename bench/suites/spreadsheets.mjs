import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startExceljs } from '../contenders/exceljs.mjs';
import { startImporter } from '../contenders/importer.mjs';
import { createDatabase, durability } from '../set-up/own-database.mjs';
import { createVhost } from '../set-up/own-vhost.mjs';
import { machine } from '../set-up/machine.mjs';
import { columns, template, writeSheet } from '../set-up/sheet.mjs';
import { rounded, summary } from '../statistics.mjs';

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: ./roundhouse bench starts the servers and sets it`);
  return value;
}

/**
 * The same .xlsx file into PostgreSQL, a round of each in turn: by the platform, from the accepted request to the job's success, and by what one
 * would write in an afternoon (exceljs' streaming reader, multi-row inserts of 1000 rows).
 */
export async function spreadsheetsSuite({ rows, rounds, note }) {
  const name = `roundhouse-bench-${randomBytes(4).toString('hex')}`;
  const adminUrl = required('ROUNDHOUSE_ADMIN_DATABASE_URL');
  const amqpUrl = required('ROUNDHOUSE_AMQP_URL');
  const clean = [];
  try {
    const folder = await mkdtemp(join(tmpdir(), 'roundhouse-bench-'));
    clean.unshift(() => rm(folder, { recursive: true, force: true }));
    const database = await createDatabase(adminUrl, name);
    clean.unshift(database.drop);
    const vhost = await createVhost(amqpUrl, process.env.ROUNDHOUSE_RABBITMQ_MANAGEMENT_URL, name);
    clean.unshift(vhost.drop);
    const file = join(folder, 'items.xlsx');
    await writeSheet(file, rows);
    const { size } = await stat(file);
    note(`${rows} rows × ${columns.length} columns: ${Math.round(size / 2 ** 20)} MiB`);
    const ours = await startImporter({
      databaseUrl: database.url,
      amqpUrl: vhost.url,
      folder: join(folder, 'storage'),
    });
    clean.unshift(ours.stop);
    const contenders = { ours, exceljs: startExceljs({ databaseUrl: database.url }) };
    const results = await race(contenders, { file, rows, template }, rounds, note);
    return { ...report(rows, results), ...(await settings({ rounds, size, adminUrl })) };
  } finally {
    for (const step of clean) await step();
  }
}

/** Every round into an empty target: inserting is what is compared. */
async function race(contenders, workload, rounds, note) {
  const results = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, contender] of Object.entries(contenders)) {
      const result = await contender.round(workload);
      note(
        `round ${round}: ${name} ${Math.round(workload.rows / result.seconds)} rows/s in ${rounded(result.seconds)} s, ${Math.round(result.peakRssMb)} MiB`,
      );
      results[name].push(result);
    }
  }
  return results;
}

function report(rows, results) {
  const rates = (name) => summary(results[name].map(({ seconds }) => rows / seconds));
  const peak = (name, field = 'peakRssMb') => Math.round(Math.max(...results[name].map((result) => result[field])));
  const [ours, exceljs] = [rates('ours'), rates('exceljs')];
  return {
    suite: 'spreadsheets',
    rows,
    unit: 'rows/s',
    ours: {
      rows_per_s: ours.median,
      peak_rss_mb: peak('ours'),
      max_loop_lag_ms: rounded(Math.max(...results.ours.map(({ lagMs }) => lagMs)), 1),
      upload_s: rounded(Math.max(...results.ours.map(({ uploadSeconds }) => uploadSeconds))),
      rounds: ours,
    },
    exceljs: { rows_per_s: exceljs.median, peak_rss_mb: peak('exceljs'), rounds: exceljs },
    ratio: rounded(ours.median / exceljs.median),
  };
}

async function settings({ rounds, size, adminUrl }) {
  return {
    settings: {
      rounds,
      columns: columns.length,
      file_bytes: size,
      ours: {
        measured:
          'from POST /v1/spreadsheets/imports to the success of the job; checked by a template with a key, errors and cursor stored',
        peak_rss: 'importer and the process that reads the file, together, sampled every 50 ms',
        max_loop_lag: 'of the importer, which serves the heartbeats; 10 ms resolution',
      },
      exceljs: {
        measured: 'from opening the file to the last commit',
        insert: '1000 rows a statement, autocommit, primary key',
      },
      postgresql: await durability(adminUrl),
    },
    machine: machine(),
  };
}

export function describeSpreadsheets({ rows, ours, exceljs, ratio }) {
  return [
    `${rows} rows from .xlsx into PostgreSQL`,
    `Roundhouse ${String(ours.rows_per_s).padStart(7)} rows/s, peak ${ours.peak_rss_mb} MiB, longest event-loop delay ${ours.max_loop_lag_ms} ms`,
    `exceljs    ${String(exceljs.rows_per_s).padStart(7)} rows/s, peak ${exceljs.peak_rss_mb} MiB`,
    `${ratio} times exceljs`,
  ].join('\n');
}
