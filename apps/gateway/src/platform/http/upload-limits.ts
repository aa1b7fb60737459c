/** Of one uploaded file. */
export const maxUploadBytes = 128 * 1024 * 1024;

/** What a form may hold; everything above is refused while it comes in. */
export const uploadLimits = {
  fileSize: maxUploadBytes,
  files: 1,
  fields: 20,
  parts: 21,
  fieldSize: 64 * 1024,
  fieldNameSize: 100,
  headerPairs: 50,
};
