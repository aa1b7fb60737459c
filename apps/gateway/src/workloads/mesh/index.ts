/**
 * The routes of meshes from images, and the loop that sends out their batches and settles what was cancelled elsewhere.
 */
export { mesh } from './mesh-workload.js';
