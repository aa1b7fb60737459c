import { posix } from 'node:path';
import type { SheetRow } from '../../cells/cell.js';
import type { DateSystem } from '../../cells/serial-date.js';
import { limits } from '../workbook/limits.js';
import { refusal } from '../workbook/refusal.js';
import type { SheetFacts, SheetInfo, Workbook } from '../workbook/workbook.js';
import { readSharedStrings } from './shared-strings.js';
import { scanSheet } from './sheet-scan.js';
import { sheetRows, type SheetSource } from './sheet-rows.js';
import { readStyles } from './styles.js';
import { readXml } from './xml.js';
import { ZipArchive } from './zip-archive.js';

interface Relation {
  type: string;
  target: string;
}

interface ListedSheet extends SheetInfo {
  relation: string;
}

/** An .xlsx or .xlsm file (ECMA-376, transitional or strict). */
export class XlsxWorkbook implements Workbook {
  readonly type = 'xlsx';
  dateSystem: DateSystem = '1900';
  sheets: SheetInfo[] = [];
  private readonly parts = new Map<string, string>();
  private source: Promise<SheetSource> | undefined;
  private stringsPart = 'xl/sharedStrings.xml';
  private stylesPart = 'xl/styles.xml';

  private constructor(private readonly zip: ZipArchive) {}

  /** Refuses what is no workbook, is damaged or larger than the limits. */
  static async open(path: string): Promise<XlsxWorkbook> {
    const zip = await ZipArchive.open(path);
    try {
      const workbook = new XlsxWorkbook(zip);
      await workbook.readContents();
      return workbook;
    } catch (error) {
      zip.close();
      throw error;
    }
  }

  async *rows(sheet: string): AsyncIterable<SheetRow> {
    const part = await this.zip.open(this.partOf(sheet));
    if (!part) throw refusal(`The file has no content for its sheet "${sheet}"; save it again`);
    this.source ??= this.readSource();
    yield* sheetRows(part, `Sheet "${sheet}"`, await this.source);
  }

  async inspect(): Promise<SheetFacts[]> {
    const facts: SheetFacts[] = [];
    for (const sheet of this.sheets) {
      const part = await this.zip.open(this.partOf(sheet.name));
      if (!part) throw refusal(`The file has no content for its sheet "${sheet.name}"; save it again`);
      facts.push({ ...sheet, ...(await scanSheet(part, `Sheet "${sheet.name}"`)) });
    }
    // What the cells refer to: damaged or hostile texts are found now and not when somebody waits for the import.
    this.source ??= this.readSource();
    await this.source;
    return facts;
  }

  close(): void {
    this.zip.close();
  }

  private partOf(sheet: string): string {
    const part = this.parts.get(sheet);
    if (part === undefined)
      throw refusal(
        `There is no sheet "${sheet}"; the file has ${this.sheets.map(({ name }) => `"${name}"`).join(', ')}`,
      );
    return part;
  }

  private async readSource(): Promise<SheetSource> {
    return {
      styles: await readStyles(await this.zip.open(this.stylesPart, limits.smallPartBytes)),
      strings: await readSharedStrings(await this.zip.open(this.stringsPart)),
    };
  }

  private async readContents(): Promise<void> {
    const main = await this.mainPart();
    const relations = await this.relations(main);
    const listed = await this.readSheetList(main);
    for (const relation of relations.values()) {
      if (relation.type === 'sharedStrings') this.stringsPart = relation.target;
      if (relation.type === 'styles') this.stylesPart = relation.target;
    }
    for (const { name, hidden, relation } of listed) {
      const target = relations.get(relation);
      // Charts and macro sheets have no rows.
      if (target?.type !== 'worksheet' || this.parts.has(name)) continue;
      this.parts.set(name, target.target);
      this.sheets.push({ name, hidden });
    }
    if (this.sheets.length === 0) throw refusal('The workbook has no sheet with rows');
  }

  private async mainPart(): Promise<string> {
    const { zip } = this;
    const roots = await this.relations('');
    const main = [...roots.values()].find(({ type }) => type === 'officeDocument')?.target ?? 'xl/workbook.xml';
    if (main.endsWith('.bin') || zip.has('xl/workbook.bin'))
      throw refusal('This is an Excel binary workbook (.xlsb); save it as .xlsx');
    if (zip.has('mimetype') && zip.has('content.xml'))
      throw refusal('This is an OpenDocument spreadsheet (.ods); save it as .xlsx or .csv');
    if (zip.has('word/document.xml') || zip.has('ppt/presentation.xml'))
      throw refusal('This is a document or a presentation; upload a spreadsheet');
    if (!zip.has(main)) throw refusal('This zip archive holds no workbook; upload an .xlsx, .xls or .csv file');
    return main;
  }

  private async relations(of: string): Promise<Map<string, Relation>> {
    const folder = posix.dirname(of);
    const name = of === '' ? '_rels/.rels' : posix.join(folder, '_rels', `${posix.basename(of)}.rels`);
    const relations = new Map<string, Relation>();
    const part = await this.zip.open(name, limits.smallPartBytes);
    if (!part) return relations;
    await readXml(part, name, {
      open(tag, opened) {
        const { Id: id = '', Type: type = '', Target: target = '', TargetMode: mode } = opened.attributes();
        if (tag !== 'Relationship' || mode === 'External') return;
        const path = target.startsWith('/') ? target.slice(1) : posix.join(of === '' ? '' : folder, target);
        relations.set(id, { type: posix.basename(type), target: path });
      },
    });
    return relations;
  }

  private async readSheetList(main: string): Promise<ListedSheet[]> {
    const sheets: ListedSheet[] = [];
    const part = await this.zip.open(main, limits.smallPartBytes);
    const setDateSystem = (system: DateSystem) => (this.dateSystem = system);
    await readXml(part!, 'workbook.xml', {
      open(tag, opened) {
        if (tag !== 'workbookPr' && tag !== 'sheet') return;
        const attributes = opened.attributes();
        if (tag === 'workbookPr' && ['1', 'true', 'on'].includes(attributes.date1904 ?? '')) setDateSystem('1904');
        if (tag !== 'sheet') return;
        if (sheets.length >= limits.sheets) throw refusal(`The workbook has more than ${limits.sheets} sheets`);
        const { name = '', state = 'visible', id = '' } = attributes;
        sheets.push({ name: name.slice(0, 200), hidden: state !== 'visible', relation: id });
      },
    });
    return sheets;
  }
}
