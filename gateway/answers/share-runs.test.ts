// Runs of the same thing at the same time.
import { beforeEach, expect, test } from '@jest/globals';
import { countChanges } from './changes-here.ts';
import type { ShareRuns } from './share-runs.ts';
import { shareRuns } from './share-runs.ts';

interface Begun {
  readonly signal: AbortSignal | undefined;
  resolve(outcome: string): void;
  reject(error: Error): void;
}

let time: number;
let changes: ReturnType<typeof countChanges>;
let shared: ShareRuns<string>;
let begun: Begun[];
beforeEach(() => {
  time = 0;
  changes = countChanges();
  shared = shareRuns({ changes, now: () => time });
  begun = [];
});

const ask = (key = 'k', signal?: AbortSignal) =>
  shared.run(
    key,
    signal,
    (given) => new Promise<string>((resolve, reject) => begun.push({ signal: given, resolve, reject })),
    (outcome) => outcome !== 'bad',
  );

test('those who ask at the same time get one outcome; who comes after gets another', async () => {
  const [first, second, other] = [ask(), ask(), ask('other')];
  expect(begun).toHaveLength(2);
  begun[0]?.resolve('good');
  begun[1]?.resolve('different');
  expect(await first).toEqual({ outcome: 'good', isJoined: false });
  expect(await second).toEqual({ outcome: 'good', isJoined: true });
  expect(await other).toEqual({ outcome: 'different', isJoined: false });
  void ask();
  expect(begun).toHaveLength(3);
});

test('an outcome that is not good is for who began it alone', async () => {
  const [first, second] = [ask(), ask()];
  begun[0]?.resolve('bad');
  expect(await first).toEqual({ outcome: 'bad', isJoined: false });
  expect(await second).toBeUndefined();
});

test('so is a fault', async () => {
  const [first, second] = [ask(), ask()];
  begun[0]?.reject(new Error('broken'));
  await expect(first).rejects.toThrow('broken');
  expect(await second).toBeUndefined();
});

test('who asks after a change does not join what began before it', async () => {
  const first = ask();
  changes.note();
  const second = ask();
  expect(begun).toHaveLength(2);
  begun[1]?.resolve('new');
  begun[0]?.resolve('old');
  expect(await first).toEqual({ outcome: 'old', isJoined: false });
  expect(await second).toEqual({ outcome: 'new', isJoined: false });
});

test('who asks long after it began does not join', () => {
  void ask();
  time = 501;
  void ask();
  expect(begun).toHaveLength(2);
});

test('who goes away takes it from nobody; when all have gone, it ends', async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const first = ask('k', one.signal);
  const second = ask('k', other.signal);
  one.abort();
  expect(begun[0]?.signal?.aborted).toBe(false);
  other.abort();
  expect(begun[0]?.signal?.aborted).toBe(true);
  // Nobody joins what is ending.
  const third = ask();
  expect(begun).toHaveLength(2);
  begun[0]?.resolve('bad');
  begun[1]?.resolve('good');
  await Promise.all([first, second]);
  expect(await third).toEqual({ outcome: 'good', isJoined: false });
});
