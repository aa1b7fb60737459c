import { Injectable } from '@nestjs/common';
import { MeshBatchStore, MeshStore } from '@roundhouse/mesh';
import { ExportStore, SheetImportStore, TemplateStore } from '@roundhouse/spreadsheets';
import { ConnectionStore, ImportStore } from '@roundhouse/trading';

export const workloadTypes = [
  'mesh',
  'mesh_batch',
  'sheet_import',
  'sheet_export',
  'sheet_template',
  'trade_import',
  'account',
] as const;

export interface WorkloadThing {
  type: (typeof workloadTypes)[number];
  id: string;
  name: string;
  state: string | null;
  /** Whose it is, where its page asks for that. */
  user_id?: string;
}

/** What of the workloads has an id, by primary keys alone. Imports and exports have the id of their job. */
@Injectable()
export class WorkloadFinder {
  constructor(
    private readonly meshes: MeshStore,
    private readonly meshBatches: MeshBatchStore,
    private readonly sheetImports: SheetImportStore,
    private readonly sheetExports: ExportStore,
    private readonly sheetTemplates: TemplateStore,
    private readonly tradeImports: ImportStore,
    private readonly accounts: ConnectionStore,
  ) {}

  async find(tenantId: string, id: string): Promise<WorkloadThing[]> {
    const [mesh, meshBatch, sheetImport, sheetExport, template, tradeImport, account] = await Promise.all([
      this.meshes.find(tenantId, id),
      this.meshBatches.find(tenantId, id),
      this.sheetImports.find(tenantId, id),
      this.sheetExports.find(tenantId, id),
      this.sheetTemplates.find(tenantId, id),
      this.tradeImports.find(tenantId, id),
      this.accounts.find(tenantId, id),
    ]);
    const things: (WorkloadThing | undefined)[] = [
      mesh && { type: 'mesh', id, name: mesh.name, state: mesh.state },
      meshBatch && { type: 'mesh_batch', id, name: meshBatch.name, state: meshBatch.state },
      sheetImport && { type: 'sheet_import', id, name: sheetImport.fileName, state: sheetImport.status },
      sheetExport && { type: 'sheet_export', id, name: sheetExport.name, state: sheetExport.status },
      template && { type: 'sheet_template', id, name: template.template.name, state: null },
      tradeImport && { type: 'trade_import', id, name: '', state: null },
      account && { type: 'account', id, name: account.name, state: null, user_id: account.userId },
    ];
    return things.filter((thing) => thing !== undefined);
  }
}
