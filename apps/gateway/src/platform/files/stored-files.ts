import { Inject } from '@nestjs/common';

const token = Symbol('stored files');

/** Where uploaded and made files lie: a folder, or an S3-compatible store. */
export const StoredFiles = (): ParameterDecorator => Inject(token);
export const storedFilesToken = token;
