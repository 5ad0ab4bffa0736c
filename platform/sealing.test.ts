// What is sealed can be read back with the same secret for the same purpose, and is refused in every other case.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSealing } from './sealing.ts';

const secret = 'a secret that only tests know, 32+ characters';
const sealing = createSealing(secret, 'tests');

test('what was changed anywhere is refused', () => {
  const sealed = sealing.seal('JBSWY3DPEHPK3PXP');
  for (let place = 0; place < sealed.length; place += 1) {
    const other = sealed[place] === 'A' ? 'B' : 'A';
    const changed = sealed.slice(0, place) + other + sealed.slice(place + 1);
    expect(() => sealing.open(changed)).toThrow();
  }
});

test('what was cut, lengthened or never sealed is refused', () => {
  const sealed = sealing.seal('');
  for (let length = 0; length < sealed.length; length += 1)
    expect(() => sealing.open(sealed.slice(0, length))).toThrow();
  for (const wrong of [`${sealed}A`, `${sealed}.`, `${sealed}=`, ` ${sealed}`, 'plain text', 'v2.AAAA', 'v1.', 'v1']) {
    expect(() => sealing.open(wrong)).toThrow();
  }
});

test('another secret and another purpose do not open it', () => {
  const sealed = sealing.seal('value');
  expect(() => createSealing(`${secret}.`, 'tests').open(sealed)).toThrow();
  expect(() => createSealing(secret, 'other tests').open(sealed)).toThrow();
});

test('the same text looks different each time, and shows nothing of itself', () => {
  const sealed = Array.from({ length: 50 }, () => sealing.seal('the same text'));
  expect(new Set(sealed).size).toBe(50);
  for (const one of sealed) expect(one).toMatch(/^v1\.[\w-]+$/);
});

test('every text is read back as it was, also after a restart', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(createSealing(secret, 'tests').open(sealing.seal(text))).toBe(text);
    }),
  );
});
