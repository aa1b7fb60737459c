import type { Column } from '../template/template.js';
import type { SourceColumn } from './header-row.js';
import { likeness, namesOf, normalized } from './normalized-name.js';

/** Which column of the sheet a column of the template is taken from. */
export interface Match {
  column: string;
  header: string;
  /** 0 … 1: 1 is the same name, 0.95 the same but for spaces, less is a resemblance weighed by how many values fit. */
  confidence: number;
}

const leastConfidence = 0.5;

/** What the failed rows of an earlier import were annotated with: never a source of values. */
export const annotationHeaders = { errors: 'Import errors', row: 'Import row' } as const;

/**
 * The best one-to-one mapping of a template's columns to those of a sheet. A resemblance counts less when few of the sheet's values
 * can be read as the column's type.
 * @param fit share of the sample's values, 0 … 1, that fit; 1 when there are none
 */
export function autoMap(
  columns: readonly Column[],
  sources: readonly SourceColumn[],
  fit: (column: Column, source: SourceColumn) => number,
): Match[] {
  const candidates: Match[] = [];
  for (const column of columns) {
    const names = namesOf(column);
    for (const source of sources) {
      const isAnnotation = Object.values<string>(annotationHeaders).includes(source.header);
      const confidence = isAnnotation ? 0 : confidenceOf(names, normalized(source.header), () => fit(column, source));
      if (confidence >= leastConfidence) candidates.push({ column: column.name, header: source.header, confidence });
    }
  }
  candidates.sort((a, b) => b.confidence - a.confidence);
  const [columnsTaken, headersTaken] = [new Set<string>(), new Set<string>()];
  return candidates.filter(({ column, header }) => {
    if (columnsTaken.has(column) || headersTaken.has(header)) return false;
    columnsTaken.add(column);
    headersTaken.add(header);
    return true;
  });
}

function confidenceOf(names: readonly string[], header: string, fit: () => number): number {
  if (names.includes(header)) return 1;
  const joined = header.replaceAll(' ', '');
  if (joined !== '' && names.some((name) => name.replaceAll(' ', '') === joined)) return 0.95;
  const alike = Math.max(0, ...names.map((name) => likeness(name, header)));
  if (alike * 0.9 < leastConfidence) return 0;
  return Math.round(alike * 0.9 * (0.5 + fit() / 2) * 100) / 100;
}
