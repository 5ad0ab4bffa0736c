// What may be said of a file when it is created, and what comes of it in headers.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { contentDisposition } from './content-disposition.ts';
import { requireFileName, requireMimeType, requireTags } from './file-input.ts';

const refused = (check: () => unknown) => {
  try {
    check();
  } catch (error) {
    return (error as { details?: { field?: string } }).details?.field;
  }
  return 'taken';
};

test.each([
  ['nothing', ''],
  ['more than 255 characters', 'x'.repeat(256)],
  ['10,000 characters', 'x'.repeat(10_000)],
  ['only blanks', '   '],
  ['a path', 'a/b.png'],
  ['a path up', '../secret'],
  ["another system's path", 'C:\\b.png'],
  ['the folder itself', '.'],
  ['the folder above', '..'],
  ['a line break', 'a\r\nset-cookie: x'],
  ['a zero', 'a\u0000b'],
  ['a line separator', 'a\u2028b'],
  ['half a character', 'a\ud800b'],
  ['text that runs backwards', 'a\u202egnp.exe'],
])('a name of %s is refused', (_what, name) => {
  expect(refused(() => requireFileName(name, 'input.name'))).toBe('input.name');
});

test.each([
  ['one letter', 'a'],
  ['a blank inside', 'trace 1.ecg'],
  ['a dot in front', '.profile'],
  ['255 letters', 'x'.repeat(255)],
  ['255 characters beyond 16 bits', '🫀'.repeat(255)],
  ['what headers are made of', 'über "alles"; a=b'],
  ['letters from right to left', 'مرحبا.txt'],
  ['a dash in front', '-rf'],
])('a name of %s is taken as it is', (_what, name) => {
  expect(requireFileName(name, 'input.name')).toBe(name);
});

test.each([
  ['nothing', ''],
  ['no subtype', 'png'],
  ['an empty subtype', 'image/'],
  ['an empty type', '/png'],
  ['three parts', 'image/png/x'],
  ['another header', 'image/png\r\nx: y'],
  ['a blank inside', 'image /png'],
  ['a quoted line break', 'text/html; charset="x\r\n"'],
  ['300 letters', `text/${'x'.repeat(300)}`],
  ['an empty parameter', 'a/b;'],
  ['a parameter without a value', 'a/b; c'],
])('a media type of %s is refused', (_what, mimeType) => {
  expect(refused(() => requireMimeType(mimeType, 'input.mimeType'))).toBe('input.mimeType');
});

test.each([
  ['image/png', 'image/png'],
  ['IMAGE/PNG', 'image/png'],
  ['text/plain; charset=UTF-8', 'text/plain; charset=UTF-8'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', undefined],
  ['application/fhir+json;fhirVersion=4.0', undefined],
])('a media type of %s is taken', (mimeType, taken) => {
  expect(requireMimeType(mimeType, 'input.mimeType')).toBe(taken ?? mimeType);
});

test('tags have their limits, and each counts once', () => {
  const many = Array.from({ length: 51 }, (_, index) => `tag ${index}`);
  expect(refused(() => requireTags(many, 'input.tags'))).toBe('input.tags');
  expect(refused(() => requireTags(['ok', 'x'.repeat(101)], 'input.tags'))).toBe('input.tags.1');
  expect(refused(() => requireTags(['a\u0000'], 'input.tags'))).toBe('input.tags.0');
  expect(requireTags(['ecg', '', 'ecg', '🫀'.repeat(100)], 'input.tags')).toEqual(['ecg', '', '🫀'.repeat(100)]);
});

test('every name that is taken makes a header from which it can be read back', () => {
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).filter((text) => {
    return refused(() => requireFileName(text, 'name')) === 'taken';
  });
  fc.assert(
    fc.property(name, (text) => {
      const header = contentDisposition({ name: text, mimeType: 'text/plain' }, []);
      expect(header).toMatch(/^[\x20-\x7e]*$/);
      const [, plain, encoded] =
        /^attachment; filename="([^"\\]*)"; filename\*=UTF-8''([\w.~$&+%-]*)$/.exec(header) ?? [];
      expect(plain?.length).toBeGreaterThan(0);
      expect(decodeURIComponent(encoded ?? '')).toBe(text);
    }),
    { numRuns: 500 },
  );
});
