import { Inject } from '@nestjs/common';

const token = Symbol('mesh storage');

/** Where the files of meshes lie: the folder of uploads, or a store of their own. */
export const MeshStorage = (): ParameterDecorator => Inject(token);
export const meshStorageToken = token;
