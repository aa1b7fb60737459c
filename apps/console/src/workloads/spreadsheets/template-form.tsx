import { useState } from 'react';
import { Button, Panel, ProblemNotice, SelectField, TextField } from '../../platform/components/index.js';
import styles from './sheets.module.css';
import { bodyOf, columnTypes, emptyColumn, type ColumnDraft, type TemplateDraft } from './template-draft.js';

export interface TemplateFormProps {
  initial: TemplateDraft;
  saving: boolean;
  error: unknown;
  onSave: (body: Record<string, unknown>) => void;
}

export function TemplateForm({ initial, saving, error, onSave }: TemplateFormProps) {
  const [draft, setDraft] = useState(initial);
  const [fault, setFault] = useState<unknown>();
  const change = (next: Partial<TemplateDraft>) => setDraft({ ...draft, ...next });
  const changeColumn = (at: number, next: Partial<ColumnDraft>) =>
    change({ columns: draft.columns.map((column, i) => (i === at ? { ...column, ...next } : column)) });
  const save = () => {
    try {
      setFault(undefined);
      onSave(bodyOf(draft));
    } catch (problem) {
      setFault(problem);
    }
  };
  return (
    <form
      className={styles.steps}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Panel title="Template">
        <div className={styles.fields}>
          <TextField label="Name" value={draft.name} onChange={(name) => change({ name })} required />
          <TextField
            label="Target"
            value={draft.target}
            onChange={(target) => change({ target })}
            hint="Lower-case letters, digits and _"
            required
          />
          <TextField
            label="Key"
            value={draft.key}
            onChange={(key) => change({ key })}
            hint="Columns that make a row the same, separated by commas; empty: every row is new"
          />
          <TextField
            label="Time zone"
            value={draft.timeZone}
            onChange={(timeZone) => change({ timeZone })}
            hint="Of dates with a time"
          />
        </div>
      </Panel>
      <Panel
        title="Columns"
        actions={<Button onClick={() => change({ columns: [...draft.columns, emptyColumn] })}>Add a column</Button>}
      >
        {draft.columns.map((column, at) => (
          <ColumnFields
            key={at}
            number={at + 1}
            column={column}
            onChange={(next) => changeColumn(at, next)}
            onRemove={() => change({ columns: draft.columns.filter((_, i) => i !== at) })}
          />
        ))}
      </Panel>
      <ProblemNotice error={fault ?? error} />
      <div>
        <Button type="submit" variant="primary" disabled={saving}>
          Save
        </Button>
      </div>
    </form>
  );
}

interface ColumnFieldsProps {
  number: number;
  column: ColumnDraft;
  onChange: (next: Partial<ColumnDraft>) => void;
  onRemove: () => void;
}

function ColumnFields({ number, column, onChange, onRemove }: ColumnFieldsProps) {
  return (
    <fieldset className={styles.column}>
      <legend>Column {number}</legend>
      <div className={styles.row}>
        <TextField label="Column name" value={column.name} onChange={(name) => onChange({ name })} required />
        <TextField label="Header" value={column.header} onChange={(header) => onChange({ header })} />
        <SelectField
          label="Type"
          value={column.type}
          onChange={(type) => onChange({ type })}
          options={columnTypes.map((type) => ({ value: type, label: type }))}
        />
        <label className={`${styles.check} ${styles.narrow}`}>
          <input
            type="checkbox"
            checked={column.required}
            onChange={(event) => onChange({ required: event.target.checked })}
          />
          required
        </label>
      </div>
      <div className={styles.row}>
        <TextField
          label="Other names"
          value={column.aliases}
          onChange={(aliases) => onChange({ aliases })}
          hint="In headers, separated by commas"
        />
        <TextField
          label="Further settings"
          value={column.more}
          onChange={(more) => onChange({ more })}
          hint="JSON: default, transform, rule, values, target, formats, decimal"
          code
        />
        <Button variant="plain" onClick={onRemove}>
          Remove<span className="visually-hidden"> column {number}</span>
        </Button>
      </div>
    </fieldset>
  );
}
