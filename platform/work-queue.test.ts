import { describe, expect, test } from '@jest/globals';
import { createWorkQueue } from './work-queue.ts';

interface Work {
  readonly run: () => Promise<number>;
  finish(): void;
}

function work(result: number): Work {
  let finish = () => {};
  const done = new Promise<number>((resolve) => {
    finish = () => resolve(result);
  });
  return { run: () => done, finish: () => finish() };
}

/** Two turns of the event loop: one in which work ends, one in which the next begins. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
const unlimited = { mostWaiting: 1_000, longestWait: 60_000, busy: 'Come again.' };

describe('the line for work', () => {
  test('turns away who finds it full, and nobody else', async () => {
    const queue = createWorkQueue({ ...unlimited, atOnce: 1, mostWaiting: 1 });
    const [first, second] = [work(1), work(2)];
    const results = [queue.run(first.run), queue.run(second.run)];
    await expect(queue.run(async () => 3)).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: 'Come again.',
    });
    first.finish();
    second.finish();
    expect(await Promise.all(results)).toEqual([1, 2]);
    expect(await queue.run(async () => 4)).toBe(4);
  });

  test('sends away who has waited too long, and goes on with who came later', async () => {
    const queue = createWorkQueue({ ...unlimited, atOnce: 1, longestWait: 30 });
    const slow = work(1);
    const results = [queue.run(slow.run), queue.run(async () => 2)];
    const late = expect(results[1]).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await new Promise((resolve) => setTimeout(resolve, 60));
    const third = queue.run(async () => 3);
    slow.finish();
    expect(await results[0]).toBe(1);
    await late;
    expect(await third).toBe(3);
  });

  test('goes on after work that failed', async () => {
    const queue = createWorkQueue({ ...unlimited, atOnce: 1 });
    const failed = queue.run(() => Promise.reject(new Error('broken work')));
    const next = queue.run(async () => 2);
    await expect(failed).rejects.toThrow('broken work');
    expect(await next).toBe(2);
  });

  test('lets the result be used before the next begins', async () => {
    const queue = createWorkQueue({ ...unlimited, atOnce: 1 });
    const order: string[] = [];
    const use = async () => {
      await queue.run(async () => order.push('first done'));
      for (let step = 0; step < 100; step += 1) await undefined;
      order.push('first used');
    };
    const next = () => queue.run(async () => order.push('next'));
    await Promise.all([use(), next()]);
    expect(order).toEqual(['first done', 'first used', 'next']);
  });

  test('runs as many at once as allowed, in the order in which they came', async () => {
    const queue = createWorkQueue({ ...unlimited, atOnce: 3 });
    const started: number[] = [];
    const works = Array.from({ length: 200 }, (_, index) => work(index));
    const results = works.map(({ run }, index) =>
      queue.run(() => {
        started.push(index);
        return run();
      }),
    );
    await settled();
    expect(started).toEqual([0, 1, 2]);
    works[1]?.finish();
    await settled();
    expect(started).toEqual([0, 1, 2, 3]);
    for (const { finish } of works) finish();
    expect(await Promise.all(results)).toEqual(works.map((_, index) => index));
    expect(started).toEqual(works.map((_, index) => index));
  });
});
