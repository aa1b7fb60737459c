import type { ExportStore, SheetImportStore, TemplateStore } from '@roundhouse/spreadsheets';
import type { WorkloadThing } from '../../platform/workload/index.js';

export const sheetThings = ['sheet_import', 'sheet_export', 'sheet_template'] as const;

interface Stores {
  imports: SheetImportStore;
  exports: ExportStore;
  templates: TemplateStore;
}

/** Imports and exports have the id of their job. */
export async function findSheetThings(
  stores: Stores,
  tenantId: string,
  id: string,
): Promise<WorkloadThing<(typeof sheetThings)[number]>[]> {
  const [sheetImport, sheetExport, template] = await Promise.all([
    stores.imports.find(tenantId, id),
    stores.exports.find(tenantId, id),
    stores.templates.find(tenantId, id),
  ]);
  return [
    ...(sheetImport
      ? [{ type: 'sheet_import' as const, id, name: sheetImport.fileName, state: sheetImport.status }]
      : []),
    ...(sheetExport ? [{ type: 'sheet_export' as const, id, name: sheetExport.name, state: sheetExport.status }] : []),
    ...(template ? [{ type: 'sheet_template' as const, id, name: template.template.name, state: null }] : []),
  ];
}
