import { describe, expect, test } from '@jest/globals';
import { boundaryFault, placeOf } from './floor-plan.mjs';

const plan = [
  {
    folder: 'libs/inn/src',
    rooms: { cellar: [], kitchen: ['cellar'], 'guests/suite': ['kitchen'], 'guests/single': [] },
  },
];
const fault = (from, to) => boundaryFault(`libs/inn/src/${from}`, `libs/inn/src/${to}`, plan);

describe('the place of a file', () => {
  test.each([
    ['cellar/wine.ts', 'cellar', 'wine.ts'],
    ['cellar/racks/red.ts', 'cellar', 'racks/red.ts'],
    ['guests/suite/bed.ts', 'guests/suite', 'bed.ts'],
    ['index.ts', undefined, 'index.ts'],
  ])('%s stands in %s', (path, room, file) => {
    expect(placeOf(`libs/inn/src/${path}`, plan)).toEqual({ house: plan[0], room, file });
  });

  test('a file of another tree stands in no house', () => {
    expect(placeOf('libs/innkeeper/src/x.ts', plan)).toBeUndefined();
  });
});

describe('an import is fine', () => {
  test.each([
    ['within a room', 'cellar/wine.ts', 'cellar/racks/red.ts'],
    ['through a door that the room may open', 'kitchen/stove.ts', 'cellar/index.ts'],
    ['of a door that leads to its own room', 'cellar/index.ts', 'cellar/wine.ts'],
    ['from the front through any door', 'index.ts', 'guests/single/index.ts'],
    ['between files of the front', 'index.ts', 'main.ts'],
    ['by a spec, wherever it looks', 'cellar/wine.spec.ts', 'guests/suite/bed.ts'],
  ])('%s', (_name, from, to) => {
    expect(fault(from, to)).toBeUndefined();
  });

  test('between houses: that is for the walls to say', () => {
    expect(boundaryFault('libs/inn/src/cellar/x.ts', 'libs/barn/src/y.ts', plan)).toBeUndefined();
  });
});

describe('an import is refused', () => {
  test.each([
    ['past a door', 'kitchen/stove.ts', 'cellar/wine.ts', 'is entered by its door'],
    ['past a door, from the front', 'index.ts', 'cellar/wine.ts', 'is entered by its door'],
    ['against the arrows', 'cellar/wine.ts', 'kitchen/index.ts', 'Room cellar does not open the door of kitchen'],
    ['between neighbours', 'guests/single/x.ts', 'guests/suite/index.ts', 'does not open the door of guests/suite'],
    ['of the front', 'cellar/wine.ts', 'index.ts', 'imports the front of its house'],
    ['through its own door', 'cellar/wine.ts', 'cellar/index.ts', 'goes through its own door'],
    ['from a folder that is no room', 'attic/box.ts', 'cellar/index.ts', 'libs/inn/src/attic is no room'],
  ])('%s', (_name, from, to, message) => {
    expect(fault(from, to)).toContain(message);
  });
});
