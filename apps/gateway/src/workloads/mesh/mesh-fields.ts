import { encodeJsonPayload, MeshOptions, decodeToJson } from '@roundhouse/contracts';
import { z } from 'zod';
import { Problem } from '../../platform/http/index.js';

const optionsType = 'roundhouse.mesh.v1.MeshOptions';
const modes = ['silhouette', 'relief', 'lithophane'] as const;
const engines = ['built_in', 'external'] as const;
const formats = ['glb', 'stl', 'obj'] as const;
export const fileFormats = formats;

/** Options as requests have them; numbers are checked against the contract. */
export const optionsSchema = z
  .strictObject({
    mode: z.enum(modes).default('silhouette').describe('lithophane: a relief to be held against light'),
    engine: z.enum(engines).default('built_in'),
    formats: z.array(z.enum(formats)).max(3).optional().describe('Besides GLB, which is always there; unset: all'),
    size_mm: z.number().optional().describe('Longer side of the image; 100 unless set'),
    silhouette: z
      .strictObject({
        thickness_mm: z.number().optional(),
        detail_factor: z.number().optional().describe("Tolerance as a share of an outline's length; 0.02 is coarse"),
        max_error_px: z.number().optional().describe('Tolerance in pixels, instead; 0 keeps every pixel'),
        bevel_mm: z.number().optional(),
        base_plate_mm: z.number().optional(),
        base_margin_mm: z.number().optional(),
        min_area_px: z.number().optional(),
        invert: z.boolean().optional(),
      })
      .optional(),
    relief: z
      .strictObject({
        height_mm: z.number().optional(),
        base_mm: z.number().optional(),
        max_error: z.number().optional().describe('Largest difference as a share of the full height; 0.01 unless set'),
        invert: z.boolean().optional(),
        smoothing_px: z.number().optional(),
        max_triangles: z.number().int().optional(),
      })
      .optional(),
  })
  .meta({ id: 'MeshOptions' });

export type OptionsRequest = z.output<typeof optionsSchema>;

const upper = (prefix: string, name: string) => `${prefix}_${name.toUpperCase()}`;

/** The JSON form of the contract's message. */
export function optionsPayload({ mode, engine, formats: wanted, ...rest }: OptionsRequest): Record<string, unknown> {
  return {
    ...rest,
    mode: upper('MODE', mode),
    engine: upper('ENGINE', engine),
    ...(wanted && { formats: [...new Set(['glb', ...wanted])].map((format) => upper('MESH_FORMAT', format)) }),
  };
}

/** The message, or a problem that names the fields at fault. */
export function optionsMessage(options: OptionsRequest): MeshOptions {
  const encoded = encodeJsonPayload(optionsType, optionsPayload(options));
  if (encoded.ok) return MeshOptions.decode(encoded.bytes);
  const errors = encoded.violations.map(({ path, message }) => ({ path: `options.${path}`, message }));
  throw new Problem('invalid_request', `The options are not valid: ${errors.map((e) => e.path).join(', ')}`, {
    errors,
  });
}

/** As requests have them. */
export function optionsView(options: MeshOptions): Record<string, unknown> {
  const json = decodeToJson(optionsType, MeshOptions.encode(options).finish()) as Record<string, unknown>;
  const lower = (value: unknown, prefix: string) => String(value).replace(`${prefix}_`, '').toLowerCase();
  return {
    ...json,
    mode: json.mode ? lower(json.mode, 'MODE') : 'silhouette',
    engine: json.engine ? lower(json.engine, 'ENGINE') : 'built_in',
    ...(Array.isArray(json.formats) && { formats: json.formats.map((format) => lower(format, 'MESH_FORMAT')) }),
  };
}
