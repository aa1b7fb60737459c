import type { Delivery } from '@roundhouse/jobs';
import { EarlyRelease } from './early-release.js';

function job(early: EarlyRelease) {
  const delivery = {} as Delivery;
  const slot = { held: true, releases: 0 };
  const release = () => {
    slot.held = false;
    slot.releases += 1;
  };
  const done = early.watch(delivery, release);
  return { slot, ends: () => delivery.onEnded?.(), done };
}

it('gives a slot back when the handler has ended, once', () => {
  const early = new EarlyRelease(2);
  const one = job(early);
  one.ends();
  expect(one.slot.held).toBe(false);
  one.ends();
  one.done();
  one.ends();
  expect(one.slot.releases).toBe(1);
});

it('gives the slot of a job back that never ran', () => {
  const one = job(new EarlyRelease(2));
  one.done();
  expect(one.slot).toEqual({ held: false, releases: 1 });
});

it('keeps the slot while too many outcomes are on their way', () => {
  const early = new EarlyRelease(2);
  const [one, two, three] = [job(early), job(early), job(early)];
  for (const { ends } of [one, two, three]) ends();
  expect([one, two, three].map(({ slot }) => slot.held)).toEqual([false, false, true]);
  three.done();
  expect(three.slot.held).toBe(false);
  one.done();
  const four = job(early);
  four.ends();
  expect(four.slot.held).toBe(false);
});
