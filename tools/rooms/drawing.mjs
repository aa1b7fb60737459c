import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withoutImplied } from './circles.mjs';
import { placeOf } from './floor-plan.mjs';
import { houses } from './houses.mjs';
import { grouped } from './import-graph.mjs';
import { markdownTable } from './markdown.mjs';

/** The path of a room's door, or undefined. */
export function doorOf(root, house, room) {
  return ['index.ts', 'index.tsx']
    .map((name) => `${house.folder}/${room}/${name}`)
    .find((path) => existsSync(join(root, path)));
}

/** What a room says of itself: the comment at the top of its door, as one paragraph. Empty when it says nothing. */
export function purposeOf(root, house, room) {
  const door = doorOf(root, house, room);
  const [, comment = ''] = (door && /^\/\*\*([\s\S]*?)\*\//.exec(readFileSync(join(root, door), 'utf8'))) || [];
  return comment
    .replace(/^\s*\* ?/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The first sentence, for a table. */
const firstSentence = (text) => /^.*?\.(?=\s|$)/.exec(text)?.[0] ?? text;

/** Room → rooms whose doors it really opens. */
export function arrowsOf(graph, house) {
  return grouped(graph, (file) => {
    const place = placeOf(file);
    return place?.house === house ? place.room : undefined;
  });
}

const id = (room) => room.replace(/[^a-z]/g, '_');
const partOf = (room) => room.slice(0, Math.max(room.lastIndexOf('/'), 0));

/** Rooms of a part of the house (`platform/…`) stand together. */
function mermaid(arrows) {
  const rooms = [...arrows.keys()].sort();
  const parts = [...new Set(rooms.map(partOf))].sort();
  const boxes = parts.flatMap((part) => {
    const inside = rooms.filter((room) => partOf(room) === part);
    const lines = inside.map((room) => `${id(room)}[${room.slice(part.length).replace('/', '')}]`);
    if (part === '') return lines.map((line) => `  ${line}`);
    return [`  subgraph in_${id(part)} [${part}]`, ...lines.map((line) => `    ${line}`), '  end'];
  });
  const fewest = withoutImplied(arrows);
  const lines = rooms.flatMap((room) =>
    [...fewest.get(room)].sort().map((target) => `  ${id(room)} --> ${id(target)}`),
  );
  return ['```mermaid', 'flowchart TD', ...boxes, ...lines, '```'].join('\n');
}

function table(root, house) {
  return markdownTable(
    ['room', 'owns'],
    Object.keys(house.rooms).map((room) => [
      `[${room}/](../${house.folder}/${room})`,
      firstSentence(purposeOf(root, house, room)),
    ]),
  );
}

/** The rooms of every house as Markdown, for docs/architecture.md. */
export function drawRooms(root, graph) {
  return houses
    .map((house) => [`### ${house.folder}`, mermaid(arrowsOf(graph, house)), table(root, house)].join('\n\n'))
    .join('\n\n');
}
