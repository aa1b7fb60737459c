import { Panel, PlainTable, SelectField } from '../../platform/components/index.js';
import styles from './sheets.module.css';
import type { SheetPreview, SheetTemplate } from './sheets.js';

export interface MappingStepProps {
  template: SheetTemplate;
  preview: SheetPreview;
  onMap: (column: string, header: string) => void;
}

/** Which column of the sheet goes where, and what the first rows become of it. */
export function MappingStep({ template, preview, onMap }: MappingStepProps) {
  const matches = new Map(preview.mapping.map((match) => [match.column, match]));
  const sources = preview.columns.map(({ header }) => ({ value: header, label: header }));
  const placeOf = (column: string) => preview.columns.findIndex(({ header }) => header === matches.get(column)?.header);
  return (
    <>
      <Panel title="Columns">
        <p className={styles.hint}>Row {preview.header_row} holds the names of the columns.</p>
        <PlainTable
          label="Columns of the template and where they come from"
          columns={['Column', 'Type', 'From', 'Confidence', 'For example']}
          rows={template.columns.map((column) => {
            const match = matches.get(column.name);
            const name = column.header ?? column.name;
            return {
              key: column.name,
              cells: [
                <>
                  {name} {column.required && <span className={styles.hint}>required</span>}
                </>,
                column.type,
                <SelectField
                  label={`Column for ${name}`}
                  labelHidden
                  value={match?.header ?? ''}
                  onChange={(header) => onMap(column.name, header)}
                  options={[{ value: '', label: 'not in the sheet' }, ...sources]}
                />,
                match ? (
                  `${Math.round(match.confidence * 100)} %`
                ) : preview.missing.includes(column.name) ? (
                  <span className={styles.bad}>missing</span>
                ) : (
                  ''
                ),
                preview.columns.find(({ header }) => header === match?.header)?.sample ?? '',
              ],
            };
          })}
        />
      </Panel>
      <Panel title="First rows">
        <PlainTable
          label="The first rows as they would be stored, and what is wrong with them"
          columns={['Row', ...template.columns.map(({ header, name }) => header ?? name), 'What is wrong']}
          rows={preview.rows.map(({ row, cells, values, errors }) => ({
            key: String(row),
            cells: [
              row,
              ...template.columns.map(({ name }) => {
                const error = errors.find(({ column }) => column === name);
                // Of a row that is wrong nothing is stored; it is shown as it came.
                const shown = values ? (values[name] ?? '') : (cells[placeOf(name)] ?? '');
                return <div className={error ? styles.wrong : styles.cell}>{String(shown)}</div>;
              }),
              <div className={styles.message}>{errors.map(({ message }) => message).join('; ')}</div>,
            ],
          }))}
        />
      </Panel>
    </>
  );
}
