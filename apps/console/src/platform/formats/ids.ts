const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text is the id of something: a job, a batch, a schedule. */
export const isId = (text: string): boolean => idPattern.test(text.trim());

/** Whether it is the fingerprint of a failure. */
export const isFingerprint = (text: string): boolean => /^[0-9a-f]{16}$/i.test(text.trim());
