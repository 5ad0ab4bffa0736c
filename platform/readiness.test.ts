import { expect, test } from '@jest/globals';
import { dispensable, readiness } from './readiness.ts';

const answers = async () => undefined;
const isAway = () => Promise.reject(new Error('away'));

test('a process is not ready while something that it needs is away, and says what', async () => {
  expect(await readiness({ database: isAway, bus: answers })).toEqual({
    ready: false,
    parts: { database: 'unavailable', bus: 'ok' },
  });
});

test('what a process can do without is shown, and makes it no less ready', async () => {
  expect(await readiness({ database: answers, scanner: dispensable(isAway) })).toEqual({
    ready: true,
    parts: { database: 'ok', scanner: 'unavailable' },
  });
});

test('a process is ready when everything answers', async () => {
  expect(await readiness({ database: answers, scanner: dispensable(answers) })).toEqual({
    ready: true,
    parts: { database: 'ok', scanner: 'ok' },
  });
});
