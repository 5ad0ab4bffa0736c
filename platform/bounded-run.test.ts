// Work that must not take long: what is stopped, and what only had to wait for the processor. How much of it the
// machine gives to a test is not for the test to know, so that the clock of the processor is one that is set here.
import { expect, test } from '@jest/globals';
import { createBoundedRun, withinBudget } from './bounded-run.ts';

let used = 0;
const run = createBoundedRun(50, () => used);

/** Never ends by itself. `milliseconds`: what it uses of the processor until it is stopped. */
function runaway(milliseconds: number) {
  const calls: number[] = [];
  const work = () => {
    calls.push(used);
    used += milliseconds;
    return /^(a+)+$/.test(`${'a'.repeat(40)}b`);
  };
  return { work, calls };
}

test('what runs away is stopped, and not tried again', () => {
  const { work, calls } = runaway(50);
  expect(run(work)).toEqual({ timedOut: true });
  expect(calls).toHaveLength(1);
});

test('what was not given the processor has another chance, with more patience, and then no more', () => {
  const { work, calls } = runaway(1);
  expect(run(work)).toEqual({ timedOut: true });
  expect(calls).toHaveLength(2);

  let tries = 0;
  const slowAtFirst = () => {
    tries += 1;
    if (tries === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    return 'done';
  };
  expect([run(slowAtFirst), tries]).toEqual([{ value: 'done' }, 2]);
});

test('runs that share a budget stop together, and only these', () => {
  const { work, calls } = runaway(50);
  let stopped = 0;
  const outcome = withinBudget({ milliseconds: 125 }, () => {
    for (let each = 0; each < 40; each += 1) if ('timedOut' in run(work)) stopped += 1;
  });
  expect([outcome, stopped, calls.length]).toEqual([{ timedOut: true }, 40, 3]);
  expect(run(() => 1)).toEqual({ value: 1 });
  expect(withinBudget({ milliseconds: 125 }, () => run(() => 1))).toEqual({ value: { value: 1 } });
});

test('pieces of work that share a budget have what the earlier ones left, and then nothing', () => {
  const budget = { milliseconds: 125 };
  const piece = () => withinBudget(budget, () => run(() => (used += 40)));
  expect([piece(), piece(), piece()]).toMatchObject([{ value: {} }, { value: {} }, { value: {} }]);
  expect(budget).toEqual({ milliseconds: 5 });
  const { work, calls } = runaway(5);
  expect(withinBudget(budget, () => run(work))).toEqual({ timedOut: true });
  expect([piece(), calls.length]).toEqual([{ timedOut: true }, 1]);
});

test("the processor's own clock counts what the work did", () => {
  const timed = createBoundedRun(50);
  const { work, calls } = runaway(0);
  const outcome = withinBudget({ milliseconds: 20 }, () => {
    for (let each = 0; each < 100; each += 1) timed(work);
  });
  expect(outcome).toEqual({ timedOut: true });
  expect(calls.length).toBeLessThan(100);
});
