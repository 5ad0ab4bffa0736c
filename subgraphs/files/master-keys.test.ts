// The key of a file opens with the master key that wrapped it, for that file, and in no other case.
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../../platform/config.ts';
import { DamagedBytes } from './damaged-bytes.ts';
import { createMasterKeys, MissingMasterKey } from './master-keys.ts';

const serviceSecret = 'a secret that only tests know, 32+ characters';
const [first, second] = [
  { id: '2026', key: randomBytes(32) },
  { id: '2027', key: randomBytes(32) },
] as const;
const unlike = (text: string) => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`);

describe('FILE_KEYS', () => {
  const key = (fill: number) => Buffer.alloc(32, fill).toString('base64');

  test.each([
    ['a key without an id', key(1)],
    ['a key that is too short', `a:${Buffer.alloc(31).toString('base64')}`],
    ['a key that is too long', `a:${Buffer.alloc(33).toString('base64')}`],
    ['a key that is not base64', `a:${'!'.repeat(43)}=`],
    ['the id that is taken', `service:${key(1)}`],
    ['an id twice', `a:${key(1)},a:${key(2)}`],
    ['nothing but commas', ' , '],
  ])('cannot be %s, and the message does not hold a key', (_what, value) => {
    const read = () => readConfig({ FILE_KEYS: value });
    expect(read).toThrow(/FILE_KEYS/);
    expect(read).not.toThrow(key(1));
  });

  test('are ids with keys, in order', () => {
    const { fileKeys } = readConfig({ FILE_KEYS: `b:${key(2)}, a-1:${key(1)}` });
    expect(fileKeys).toEqual([
      { id: 'b', key: Buffer.alloc(32, 2) },
      { id: 'a-1', key: Buffer.alloc(32, 1) },
    ]);
    expect(readConfig({}).fileKeys).toBeUndefined();
  });
});

test.each(['http://clamd:3310', 'tcp://', 'tcp://clamd:x', 'clamd:3310', 'unix:clamd'])(
  'CLAMD_URL cannot be %s',
  (value) => expect(() => readConfig({ CLAMD_URL: value })).toThrow(/CLAMD_URL/),
);

test.each(['tcp://clamd:3310', 'tcp://[::1]:3310', 'tcp://clamd', 'unix:/run/clamd.sock'])(
  'CLAMD_URL can be %s',
  (value) => expect(readConfig({ CLAMD_URL: value }).clamdUrl).toBe(value),
);

test('a key does not open for another file, changed, or with another master key of the same id', () => {
  const keys = createMasterKeys({ fileKeys: [first], serviceSecret });
  const id = randomUUID();
  const { wrappedKey, masterKeyId } = keys.newFileKey(id);
  const others = createMasterKeys({ fileKeys: [{ id: first.id, key: randomBytes(32) }], serviceSecret });
  expect(() => keys.open({ id: randomUUID(), wrappedKey, masterKeyId })).toThrow(DamagedBytes);
  expect(() => keys.open({ id, wrappedKey: unlike(wrappedKey), masterKeyId })).toThrow(DamagedBytes);
  expect(() => keys.open({ id, wrappedKey: '', masterKeyId })).toThrow(DamagedBytes);
  expect(() => others.open({ id, wrappedKey, masterKeyId })).toThrow(DamagedBytes);
});

test('a key whose master key is not configured does not open', () => {
  const id = randomUUID();
  const wrapped = createMasterKeys({ fileKeys: [first], serviceSecret }).newFileKey(id);
  const keys = createMasterKeys({ fileKeys: [second], serviceSecret });
  expect(() => keys.open({ id, ...wrapped })).toThrow(MissingMasterKey);
  expect(() => keys.rewrap({ id, ...wrapped })).toThrow(MissingMasterKey);
});

test('a file that was stored before there was encryption has no key', () => {
  const keys = createMasterKeys({ fileKeys: undefined, serviceSecret });
  expect(keys.openIfEncrypted({ id: randomUUID(), wrappedKey: null, masterKeyId: null })).toBeUndefined();
  expect(() => keys.open({ id: randomUUID(), wrappedKey: null, masterKeyId: null })).toThrow();
});

test('without configured keys there is one from the service secret, which goes on opening when others come', () => {
  const keys = createMasterKeys({ fileKeys: undefined, serviceSecret });
  expect([keys.currentId, keys.ids]).toEqual(['service', ['service']]);
  const id = randomUUID();
  const { key, ...wrapped } = keys.newFileKey(id);
  expect(wrapped.wrappedKey).not.toContain(key.toString('base64'));
  const later = createMasterKeys({ fileKeys: [first], serviceSecret });
  expect([later.currentId, later.ids]).toEqual([first.id, [first.id, 'service']]);
  expect(later.open({ id, ...wrapped })).toEqual(key);
});

test('rewrapped, the same key opens with the new master key alone', () => {
  const id = randomUUID();
  const { key, ...wrapped } = createMasterKeys({ fileKeys: [first], serviceSecret }).newFileKey(id);
  const rewrapped = createMasterKeys({ fileKeys: [second, first], serviceSecret }).rewrap({ id, ...wrapped });
  expect(rewrapped.masterKeyId).toBe(second.id);
  expect(createMasterKeys({ fileKeys: [second], serviceSecret }).open({ id, ...rewrapped })).toEqual(key);
});
