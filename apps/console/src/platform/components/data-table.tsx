import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import styles from './data-table.module.css';

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Share of the width, as in CSS grids: "8rem", "minmax(0, 2fr)". @default minmax(0, 1fr) */
  width?: string;
  /** Left out below 48rem: what a telephone can do without. */
  wide?: boolean;
  /** Figures. */
  alignEnd?: boolean;
}

export interface DataTableProps<Row> {
  /** Says what the rows are; read to screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** How many there are in all, when more than are loaded; -1: unknown. */
  total?: number;
  /** Pixels. @default 44 */
  rowHeight?: number;
  /** The end has come into sight. */
  onEnd?: () => void;
}

const virtualFrom = 60;

/**
 * Rows of equal height. Only those in sight are in the document, so a hundred thousand loaded rows scroll as ten do; with few all are, for the
 * browser's own search.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, total, rowHeight = 44, onEnd } = props;
  const body = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => setOffset(body.current?.offsetTop ?? 0), [rows.length === 0]);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    overscan: rows.length < virtualFrom ? rows.length : 12,
    scrollMargin: offset,
    getItemKey: (index) => rowKey(rows[index] as Row),
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useLayoutEffect(() => {
    if (last >= rows.length - 1 && rows.length > 0) onEnd?.();
  }, [last, rows.length, onEnd]);

  const setGrid = (element: HTMLElement | null) => {
    element?.style.setProperty('--columns', columns.map(({ width = 'minmax(0, 1fr)' }) => width).join(' '));
    const narrow = columns.filter(({ wide }) => !wide).map(({ width = 'minmax(0, 1fr)' }) => width);
    element?.style.setProperty('--narrow-columns', narrow.join(' '));
  };
  const cellClass = ({ wide, alignEnd }: Column<Row>) =>
    [styles.cell, wide && styles.wide, alignEnd && styles.end].filter(Boolean).join(' ');
  return (
    <div
      ref={setGrid}
      role="table"
      aria-label={label}
      aria-rowcount={total ?? rows.length + 1}
      className={styles.table}
    >
      <div role="rowgroup" className={styles.head}>
        <div role="row" aria-rowindex={1} className={styles.row}>
          {columns.map((column) => (
            <div key={column.id} role="columnheader" className={cellClass(column)}>
              {column.header}
            </div>
          ))}
        </div>
      </div>
      <div ref={body} role="rowgroup" className={styles.body} style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, key, start }) => (
          <div
            key={key}
            role="row"
            aria-rowindex={index + 2}
            data-key={key}
            className={styles.row}
            style={{ transform: `translateY(${start - offset}px)`, height: rowHeight }}
          >
            {columns.map((column) => (
              <div key={column.id} role="cell" className={cellClass(column)}>
                {column.cell(rows[index] as Row)}
              </div>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
