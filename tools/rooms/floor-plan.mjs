import { posix } from 'node:path';
import { houses } from './houses.mjs';

const isDoor = (path) => /^index\.tsx?$/.test(path);
const isSpec = (path) => /\.spec\.tsx?$/.test(path);

/**
 * Where a file stands: its house, its room (undefined: at the front), and its path within the room. Undefined: in no house.
 * @param path from the top of the repository, with slashes
 */
export function placeOf(path, plan = houses) {
  const house = plan.find(({ folder }) => path.startsWith(`${folder}/`));
  if (!house) return undefined;
  const within = path.slice(house.folder.length + 1);
  const room = Object.keys(house.rooms)
    .filter((name) => within.startsWith(`${name}/`))
    .sort((a, b) => b.length - a.length)[0];
  return { house, room, file: room === undefined ? within : within.slice(room.length + 1) };
}

/**
 * What is wrong with an import of one file by another, or undefined. Specs look into every room of their house, to set its stage and to
 * look at its rows; what they test is held by these rules.
 */
export function boundaryFault(from, to, plan = houses) {
  const [source, target] = [placeOf(from, plan), placeOf(to, plan)];
  if (!source || !target || source.house !== target.house || isSpec(from)) return undefined;
  const { house, room } = source;
  if (room === undefined && from.slice(house.folder.length + 1).includes('/')) {
    return `${posix.dirname(from)} is no room: name it in tools/rooms/houses.mjs`;
  }
  if (target.room === undefined)
    return room === undefined ? undefined : `Room ${room} imports the front of its house, ${to}`;
  if (target.room === room) {
    return isDoor(target.file) && isDoor(source.file) === false
      ? `Room ${room} goes through its own door; import the file`
      : undefined;
  }
  if (!isDoor(target.file)) return `Room ${target.room} is entered by its door, index.ts`;
  if (room !== undefined && !house.rooms[room].includes(target.room)) {
    return `Room ${room} does not open the door of ${target.room}: see tools/rooms/houses.mjs`;
  }
  return undefined;
}
