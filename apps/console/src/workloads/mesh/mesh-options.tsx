import { SelectField } from '../../components/select-field.js';
import { TextField } from '../../components/text-field.js';
import styles from './mesh.module.css';

/** What the form asks for; everything else has its default. */
export interface OptionsForm {
  mode: string;
  size: string;
  height: string;
}

export const emptyOptions: OptionsForm = { mode: 'silhouette', size: '', height: '' };

const modes = [
  { value: 'silhouette', label: 'Silhouette: the foreground, extruded' },
  { value: 'relief', label: 'Relief: brightness as height' },
  { value: 'lithophane', label: 'Lithophane: to be held against light' },
];

const numberOf = (text: string): number | undefined =>
  text.trim() === '' ? undefined : Number(text.replace(',', '.'));

/** As the gateway takes them; it says what is wrong with a number. */
export function optionsOf({ mode, size, height }: OptionsForm): Record<string, unknown> {
  const tall = numberOf(height);
  const part = mode === 'silhouette' ? { silhouette: { thickness_mm: tall } } : { relief: { height_mm: tall } };
  return { mode, ...(numberOf(size) !== undefined && { size_mm: numberOf(size) }), ...(tall !== undefined && part) };
}

export function MeshOptionFields({ value, onChange }: { value: OptionsForm; onChange: (next: OptionsForm) => void }) {
  const change = (next: Partial<OptionsForm>) => onChange({ ...value, ...next });
  const isSilhouette = value.mode === 'silhouette';
  return (
    <div className={styles.fields}>
      <SelectField label="Mode" value={value.mode} options={modes} onChange={(mode) => change({ mode })} />
      <TextField label="Longer side, mm" placeholder="100" value={value.size} onChange={(size) => change({ size })} />
      <TextField
        label={isSilhouette ? 'Thickness, mm' : 'Height, mm'}
        placeholder={isSilhouette ? '3' : value.mode === 'relief' ? '5' : '2.4'}
        value={value.height}
        onChange={(height) => change({ height })}
      />
    </div>
  );
}
