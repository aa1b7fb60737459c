/** A parameter of the form: a number as text, empty for its default. */
export interface NumberField {
  /** Place in the options of a request. */
  path: string;
  label: string;
  /** The default. */
  placeholder: string;
}

/** What the form holds: texts and ticks by the path they have in the options. */
export interface OptionsForm {
  mode: string;
  engine: string;
  /** Besides GLB. */
  formats: readonly string[];
  /** Of both kinds of mesh, so that nothing is lost when the mode changes for a look. */
  numbers: Readonly<Record<string, string>>;
  inverted: boolean;
}

export const emptyOptions: OptionsForm = {
  mode: 'silhouette',
  engine: 'built_in',
  formats: ['stl', 'obj'],
  numbers: {},
  inverted: false,
};

const size: NumberField = { path: 'size_mm', label: 'Longer side, mm', placeholder: '100' };

/** The two that everybody wants. */
export function mainFields(mode: string): NumberField[] {
  if (mode === 'silhouette')
    return [size, { path: 'silhouette.thickness_mm', label: 'Thickness, mm', placeholder: '3' }];
  return [size, { path: 'relief.height_mm', label: 'Height, mm', placeholder: mode === 'relief' ? '5' : '2.4' }];
}

/** The others. */
export function furtherFields(mode: string): NumberField[] {
  if (mode === 'silhouette')
    return [
      { path: 'silhouette.max_error_px', label: 'Tolerance of outlines, pixels', placeholder: 'by overlap' },
      { path: 'silhouette.detail_factor', label: 'or as a share of their length', placeholder: 'by overlap' },
      { path: 'silhouette.bevel_mm', label: 'Bevel, mm', placeholder: '0' },
      { path: 'silhouette.base_plate_mm', label: 'Base plate, mm', placeholder: '0: none' },
      { path: 'silhouette.base_margin_mm', label: 'Margin of the plate, mm', placeholder: '2' },
      { path: 'silhouette.min_area_px', label: 'Leave out specks below, pixels', placeholder: '0' },
    ];
  const isRelief = mode === 'relief';
  return [
    { path: 'relief.base_mm', label: 'Base, mm', placeholder: isRelief ? '1' : '0.8' },
    { path: 'relief.max_error', label: 'Tolerance, share of the height', placeholder: '0.01' },
    { path: 'relief.smoothing_px', label: 'Smoothing, pixels', placeholder: isRelief ? '0' : '1' },
    { path: 'relief.max_triangles', label: 'Triangles at most', placeholder: '500000' },
  ];
}

/** As the gateway takes them. What is no number goes as it is: the gateway says which field it is and what it wants there. */
export function optionsOf({ mode, engine, formats, numbers, inverted }: OptionsForm): Record<string, unknown> {
  const part = mode === 'silhouette' ? 'silhouette' : 'relief';
  const options: Record<string, unknown> = { mode, engine, formats: ['glb', ...formats] };
  const parameters: Record<string, unknown> = inverted ? { invert: true } : {};
  for (const { path } of [...mainFields(mode), ...furtherFields(mode)]) {
    const text = numbers[path]?.trim() ?? '';
    if (text === '') continue;
    const number = Number(text.replace(',', '.'));
    const value = Number.isFinite(number) ? number : text;
    const [place, name] = path.split('.');
    if (name === undefined) options[path] = value;
    else if (place === part) parameters[name] = value;
  }
  return Object.keys(parameters).length === 0 ? options : { ...options, [part]: parameters };
}
