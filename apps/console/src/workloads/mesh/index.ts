/** The pages of the meshes: a gallery with its uploads, a mesh to look at, and batches of them. */
export { section } from './section.js';
