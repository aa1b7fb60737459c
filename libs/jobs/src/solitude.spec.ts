import { Solitude } from './solitude.js';

const soon = () => new Promise<void>((resolve) => setImmediate(resolve));
const never = new AbortController().signal;
const seat = (alone: boolean, patienceMs = 60_000, signal = never) => ({ alone, patienceMs, signal });

it('lets any number begin beside each other', () => {
  const solitude = new Solitude();
  expect(solitude.enterAtOnce()).toBeDefined();
  expect(solitude.enterAtOnce()).toBeDefined();
});

it('lets a loner begin when all others have ended, and nobody while it waits and runs', async () => {
  const solitude = new Solitude();
  const leave = [solitude.enterAtOnce(), solitude.enterAtOnce()];
  const order: string[] = [];
  const loner = solitude.enter(seat(true)).then((left) => (order.push('loner'), left));
  expect(solitude.enterAtOnce()).toBeUndefined();
  const next = solitude.enter(seat(false)).then(() => order.push('next'));
  const opened = solitude.opened().then(() => order.push('opened'));
  leave[0]?.();
  await soon();
  expect(order).toEqual([]);
  leave[1]?.();
  const leaveAlone = await loner;
  await soon();
  expect([order, solitude.open]).toEqual([['loner'], false]);
  leaveAlone?.();
  await Promise.all([next, opened]);
  expect(order.slice(1).sort()).toEqual(['next', 'opened']);
});

it('lets loners follow each other', async () => {
  const solitude = new Solitude();
  const [first, second] = [solitude.enter(seat(true)), solitude.enter(seat(true))];
  let entered = false;
  void second.then(() => (entered = true));
  const leave = await first;
  await soon();
  expect(entered).toBe(false);
  leave?.();
  expect(await second).toBeDefined();
});

it('gives up when it takes too long, or has become pointless, and lets the others begin', async () => {
  const solitude = new Solitude();
  const leave = solitude.enterAtOnce();
  expect(await solitude.enter(seat(true, 5))).toBeUndefined();
  const controller = new AbortController();
  const told = solitude.enter(seat(true, 60_000, controller.signal));
  controller.abort();
  expect(await told).toBeUndefined();
  expect(await solitude.enter(seat(true, 60_000, controller.signal))).toBeUndefined();
  expect(solitude.open).toBe(true);
  leave?.();
  expect(await solitude.enter(seat(true))).toBeDefined();
});
