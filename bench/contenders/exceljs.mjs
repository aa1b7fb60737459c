import { startChild } from '../set-up/child.mjs';

/** A straightforward importer, a fresh process each round. */
export function startExceljs({ databaseUrl }) {
  return {
    async round({ file, rows }) {
      const child = await startChild('exceljs-importer', { databaseUrl, file, batch: 1000 });
      const { seconds, count, peakRssMb } = await child.ask('go');
      await child.stop();
      if (count !== rows) throw new Error(`exceljs has imported ${count} rows, not ${rows}`);
      return { seconds, peakRssMb };
    },
  };
}
