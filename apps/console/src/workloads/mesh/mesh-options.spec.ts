import { emptyOptions, furtherFields, mainFields, optionsOf } from './mesh-options.js';

describe('options of a mesh', () => {
  it('leave every default to the gateway', () => {
    expect(optionsOf(emptyOptions)).toEqual({ mode: 'silhouette', engine: 'built_in', formats: ['glb', 'stl', 'obj'] });
  });

  it('are those of the mode, with a comma or a point', () => {
    const numbers = { size_mm: ' 80 ', 'silhouette.bevel_mm': '0,5', 'relief.base_mm': '2' };
    expect(optionsOf({ ...emptyOptions, numbers, inverted: true })).toMatchObject({
      size_mm: 80,
      silhouette: { bevel_mm: 0.5, invert: true },
    });
    const relief = optionsOf({ ...emptyOptions, mode: 'lithophane', formats: ['stl'], numbers });
    expect(relief).toEqual({
      mode: 'lithophane',
      engine: 'built_in',
      formats: ['glb', 'stl'],
      size_mm: 80,
      relief: { base_mm: 2 },
    });
  });

  it('keep what is no number, for the gateway to name', () => {
    expect(optionsOf({ ...emptyOptions, numbers: { size_mm: 'ten' } })).toMatchObject({ size_mm: 'ten' });
  });

  it.each(['silhouette', 'relief', 'lithophane'])('have a field of its own for each parameter of a %s', (mode) => {
    const paths = [...mainFields(mode), ...furtherFields(mode)].map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    const numbers = Object.fromEntries(paths.map((path, i) => [path, String(i + 1)]));
    const options = optionsOf({ ...emptyOptions, mode, numbers });
    const part = (mode === 'silhouette' ? options.silhouette : options.relief) as Record<string, unknown>;
    expect(Object.keys(part)).toHaveLength(paths.length - 1);
  });
});
