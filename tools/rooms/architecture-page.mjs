import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawRooms } from './drawing.mjs';
import { withSection } from './markdown.mjs';
import { drawWalls } from './packages.mjs';

export const architecturePage = 'docs/architecture.md';

/** docs/architecture.md as it is, and as it should be: its sections that are made from the code made anew. */
export function architecture(root, graph) {
  const page = readFileSync(join(root, architecturePage), 'utf8');
  const drawn = withSection(withSection(page, 'rooms', drawRooms(root, graph)), 'walls', drawWalls(root));
  return { page, drawn };
}
