// How many uploads one person may have under way.
import { expect, test } from '@jest/globals';
import { createUploadPlaces } from './upload-places.ts';

test('one more than there are places is refused, until one has ended, well or not; others are not touched', async () => {
  const places = createUploadPlaces(2);
  let end = () => {};
  let fail = () => {};
  const running = [
    places.run('pat', () => new Promise<void>((resolve) => (end = resolve))),
    places.run('pat', () => new Promise<void>((_resolve, reject) => (fail = () => reject(new Error('cut off'))))),
  ];
  await expect(places.run('pat', async () => 1)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(await places.run('quinn', async () => 2)).toBe(2);
  end();
  await running[0];
  expect(await places.run('pat', async () => 3)).toBe(3);
  fail();
  await expect(running[1]).rejects.toThrow('cut off');
  const again = [1, 2].map(() => places.run('pat', () => new Promise<void>((resolve) => setTimeout(resolve, 1))));
  expect(await Promise.all(again)).toEqual([undefined, undefined]);
});
