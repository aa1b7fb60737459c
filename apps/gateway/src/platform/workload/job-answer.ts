import { z } from 'zod';

export const jobAnswerSchema = z
  .object({ job_id: z.uuid().describe('Follow it at /v1/jobs/{job_id}'), state: z.string() })
  .meta({ id: 'JobAnswer' });

/** Of an upload: whoever sent the file may follow it without an API key. */
export const statusLinkFields = {
  status_url: z
    .url()
    .optional()
    .describe(
      "The job's status page; it needs no API key, and has a button to cancel the job if the key that asked could",
    ),
  status_expires_at: z.iso.datetime().optional().describe('When that link ends'),
};
export const uploadAnswerSchema = jobAnswerSchema.extend(statusLinkFields).meta({ id: 'UploadAnswer' });
