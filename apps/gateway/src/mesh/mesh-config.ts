import { secret } from '@roundhouse/service';
import { z } from 'zod';

export const meshFields = {
  /** What external mesh engines sign their callbacks with; unset: callbacks are refused. */
  meshCallbackSecret: secret(24).optional(),
};

export type MeshConfig = z.output<z.ZodObject<typeof meshFields>>;
