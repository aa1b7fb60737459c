import { ApiError } from '../../platform/api/index.js';
import { CheckField, SelectField, TextField } from '../../platform/components/index.js';
import { furtherFields, mainFields, type NumberField, type OptionsForm } from './mesh-options.js';
import styles from './mesh.module.css';

const modes = [
  { value: 'silhouette', label: 'Silhouette: the foreground, extruded' },
  { value: 'relief', label: 'Relief: brightness as height' },
  { value: 'lithophane', label: 'Lithophane: to be held against light' },
];
const engines = [
  { value: 'built_in', label: 'Built in' },
  { value: 'external', label: 'The one behind HTTP' },
];
const formats = ['stl', 'obj'];

export interface MeshOptionFieldsProps {
  value: OptionsForm;
  onChange: (next: OptionsForm) => void;
  /** Why the gateway did not take them: shown at the fields it names. */
  error?: unknown;
}

export function MeshOptionFields({ value, onChange, error }: MeshOptionFieldsProps) {
  const { mode, numbers } = value;
  const change = (next: Partial<OptionsForm>) => onChange({ ...value, ...next });
  const faults = (error instanceof ApiError && error.problem?.errors) || [];
  const faultOf = ({ path }: NumberField) => faults.find((fault) => fault.path === `options.${path}`)?.message;
  const further = furtherFields(mode);
  const field = (one: NumberField) => (
    <TextField
      key={one.path}
      label={one.label}
      placeholder={one.placeholder}
      value={numbers[one.path] ?? ''}
      error={faultOf(one)}
      onChange={(text) => change({ numbers: { ...numbers, [one.path]: text } })}
    />
  );
  return (
    <>
      <div className={styles.fields}>
        <SelectField label="Mode" value={mode} options={modes} onChange={(next) => change({ mode: next })} />
        {mainFields(mode).map(field)}
      </div>
      <details className={styles.further} open={further.some(faultOf) || undefined}>
        <summary>More parameters</summary>
        <div className={styles.fields}>
          {further.map(field)}
          <SelectField
            label="Engine"
            value={value.engine}
            options={engines}
            onChange={(engine) => change({ engine })}
          />
        </div>
        <div className={styles.checks}>
          <CheckField
            label={mode === 'silhouette' ? 'The background is the shape' : 'Turn high and low round'}
            checked={value.inverted}
            onChange={(inverted) => change({ inverted })}
          />
          {formats.map((format) => (
            <CheckField
              key={format}
              label={`${format.toUpperCase()} besides GLB`}
              checked={value.formats.includes(format)}
              onChange={(wanted) =>
                change({ formats: formats.filter((one) => (one === format ? wanted : value.formats.includes(one))) })
              }
            />
          ))}
        </div>
      </details>
    </>
  );
}
