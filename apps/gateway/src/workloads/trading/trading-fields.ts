import { z } from 'zod';
import { pageFields, timestampSchema } from '../../platform/http/index.js';

export const userIdSchema = z.string('is required: the id of the user').min(1).max(128);

export const symbolSchema = z.string().min(1).max(64);

/** Half-open: since ≤ time < until. */
export const windowFields = { since: timestampSchema.optional(), until: timestampSchema.optional() };

export const userPageQuery = z.strictObject({ user_id: userIdSchema, ...pageFields });

export const windowPageQuery = userPageQuery.extend(windowFields);

/** Decimal text, never a float. */
export const decimalSchema = z.string().describe('Decimal number as text');
