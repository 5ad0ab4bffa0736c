import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createWakeUp } from './wake-up.ts';

test('without a ring it sleeps for the time given; one ring ends one sleep', async () => {
  const bell = createWakeUp();
  bell.ring();
  await bell.sleep(60_000);
  const started = Date.now();
  await bell.sleep(30);
  expect(Date.now() - started).toBeGreaterThanOrEqual(25);
});

test('a ring ends the sleep, also one that came before it', async () => {
  const bell = createWakeUp();
  bell.ring();
  bell.ring();
  await bell.sleep(60_000);
  const sleeping = bell.sleep(60_000);
  await pause(5);
  bell.ring();
  await sleeping;
});
