import { secret, url } from '@roundhouse/service';
import { z } from 'zod';

export const meshFields = {
  /** Where the files of meshes lie instead of the storage folder: `s3://bucket/prefix?endpoint=…&region=…`. */
  meshStorageUrl: url(['s3']).optional(),
  /** What external mesh engines sign their callbacks with; unset: callbacks are refused. */
  meshCallbackSecret: secret(24).optional(),
};

export type MeshConfig = z.output<z.ZodObject<typeof meshFields>>;
