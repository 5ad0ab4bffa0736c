// Where answers are kept: in memory within a bound, in Redis unreadable.
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { KeptAnswer } from './kept-answer.ts';
import { createMemoryStore } from './memory-store.ts';
import { createRedisStore, type RedisStoreOptions } from './redis-store.ts';
import { createAnswerSealing } from './sealed-answer.ts';

const answerOf = (data: string): KeptAnswer => ({
  data,
  since: 12_345_678_901_234_567_890n,
  dependsOn: ['service users'],
  notFor: ['u1'],
  keptBy: 'g1',
  changes: 3,
});
let time = 0;
const now = () => time;
beforeEach(() => {
  time = 0;
});

describe('in memory', () => {
  test('gives what was kept, until it is too old', async () => {
    const store = createMemoryStore({ mostBytes: 10_000, now });
    await store.keep('a', answerOf('1'), 2);
    expect(await store.find('a')).toEqual(answerOf('1'));
    expect(await store.find('b')).toBeUndefined();
    time = 1_999;
    expect(await store.find('a')).toBeDefined();
    time = 2_000;
    expect(await store.find('a')).toBeUndefined();
    expect(store.bytes).toBe(0);
  });

  test('never takes more than its bound: what was unused for longest goes', async () => {
    const store = createMemoryStore({ mostBytes: 100_000, now });
    for (let count = 0; count < 200; count += 1) {
      await store.keep(`k${count}`, answerOf('x'.repeat(5_000)), 60);
      expect(await store.find('k0')).toBeDefined();
      expect(store.bytes).toBeLessThanOrEqual(100_000);
    }
    expect(store.bytes).toBeGreaterThan(80_000);
    expect(await store.find('k1')).toBeUndefined();
    expect(await store.find('k199')).toBeDefined();
  });

  test('what is larger than all of it is not kept, and takes no place of others', async () => {
    const store = createMemoryStore({ mostBytes: 10_000, now });
    await store.keep('small', answerOf('1'), 60);
    await store.keep('large', answerOf('x'.repeat(5_000)), 60);
    expect(await store.find('large')).toBeUndefined();
    expect(await store.find('small')).toBeDefined();
    // Another answer in the place of one that was kept leaves none.
    await store.keep('small', answerOf('x'.repeat(5_000)), 60);
    expect(await store.find('small')).toBeUndefined();
    expect(store.bytes).toBe(0);
  });
});

describe('in Redis', () => {
  const sealing = createAnswerSealing('a secret of tests that has 32 characters');
  let values: Map<string, Buffer>;
  let away: boolean;
  let asked: number;
  beforeEach(() => {
    values = new Map();
    away = false;
    asked = 0;
  });
  const command = <T>(work: () => T): Promise<T> => {
    asked += 1;
    return away ? Promise.reject(new Error('away')) : Promise.resolve(work());
  };
  const redis = {
    getBuffer: (key: string) => command(() => values.get(key) ?? null),
    set: (key: string, value: Buffer, _px: string, milliseconds: number) =>
      command(() => {
        expect(milliseconds).toBe(60_000);
        values.set(key, value);
        return 'OK';
      }),
    disconnect: () => undefined,
  } as unknown as RedisStoreOptions['redis'];
  const warnings: unknown[] = [];
  const log = { warn: (...given: unknown[]) => warnings.push(given) };
  const open = () => createRedisStore({ redis, sealing, log: log as never, now });

  test('gives what was kept', async () => {
    await open().keep('a query of somebody', answerOf('{"x":"é€😀"}'), 60);
    expect(await open().find('a query of somebody')).toEqual(answerOf('{"x":"é€😀"}'));
  });

  test('neither names nor values say anything', async () => {
    await open().keep('user-4711 { me }', answerOf('{"name":"Ada Lovelace"}'), 60);
    const [[name, value] = []] = [...values];
    expect(name).toMatch(/^caregraph:answer:[\w-]{43}$/);
    expect(value?.toString('latin1')).not.toMatch(/Ada|u1|users/);
    const other = createAnswerSealing('another secret of tests, 32 characters');
    expect(name).not.toContain(other.nameOf('user-4711 { me }'));
  });

  test('what was changed, cut or moved is not there', async () => {
    await open().keep('a', answerOf('1'), 60);
    await open().keep('b', answerOf('2'), 60);
    const [first, second] = [...values.keys()] as [string, string];
    const sealed = values.get(first) as Buffer;
    for (let at = 0; at < sealed.length; at += 7) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      values.set(first, changed);
      expect(await open().find('a')).toBeUndefined();
    }
    for (const cut of [sealed.subarray(1), sealed.subarray(0, -1), Buffer.alloc(0)]) {
      values.set(first, cut);
      expect(await open().find('a')).toBeUndefined();
    }
    values.set(first, values.get(second) as Buffer);
    expect(await open().find('a')).toBeUndefined();
    values.set(first, sealed);
    expect(await open().find('a')).toEqual(answerOf('1'));
  });

  test('what another secret has sealed is not there', async () => {
    const other = createAnswerSealing('another secret of tests, 32 characters');
    const name = sealing.nameOf('a');
    expect(sealing.open(name, other.seal(name, answerOf('1')))).toBeUndefined();
    expect(sealing.open(name, sealing.seal(name, answerOf('1')))).toEqual(answerOf('1'));
  });

  test('while Redis is away, it is asked once a second and says so once', async () => {
    const store = open();
    away = true;
    await expect(store.find('a')).rejects.toThrow('away');
    for (let count = 0; count < 10; count += 1) await expect(store.find('a')).rejects.toThrow();
    await store.keep('a', answerOf('1'), 60);
    expect(asked).toBe(1);
    time = 1_000;
    await expect(store.find('a')).rejects.toThrow('away');
    expect(asked).toBe(2);
    expect(warnings).toHaveLength(1);
    away = false;
    time = 2_000;
    await store.keep('a', answerOf('1'), 60);
    expect(await store.find('a')).toEqual(answerOf('1'));
  });
});
