// Work that must not take long: what is stopped, and what only had to wait for the processor.
import { expect, test } from '@jest/globals';
import { createBoundedRun, withinBudget } from './bounded-run.ts';

const run = createBoundedRun(100);
const runaway = () => /^(a+)+$/.test(`${'a'.repeat(40)}b`);

test('what runs away is stopped, and not tried again', () => {
  let calls = 0;
  const outcome = run(() => {
    calls += 1;
    return runaway();
  });
  expect([outcome, calls]).toEqual([{ timedOut: true }, 1]);
});

test('what was not given the processor has another chance', () => {
  let calls = 0;
  const outcome = run(() => {
    calls += 1;
    if (calls === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    return 'done';
  });
  expect([outcome, calls]).toEqual([{ value: 'done' }, 2]);
});

test('runs that share a budget stop together, and only these', () => {
  let stopped = 0;
  const begin = performance.now();
  const outcome = withinBudget(200, () => {
    for (let each = 0; each < 40; each += 1) if ('timedOut' in run(runaway)) stopped += 1;
  });
  expect([outcome, stopped]).toEqual([{ timedOut: true }, 40]);
  expect(performance.now() - begin).toBeLessThan(3_000);
  expect(run(() => 1)).toEqual({ value: 1 });
  expect(withinBudget(200, () => run(() => 1))).toEqual({ value: { value: 1 } });
});
