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

function mermaid(arrows) {
  const lines = [...withoutImplied(arrows)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([room, targets]) => [
      `  ${id(room)}[${room}]`,
      ...[...targets].sort().map((target) => `  ${id(room)} --> ${id(target)}`),
    ]);
  return ['```mermaid', 'flowchart TD', ...lines, '```'].join('\n');
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
