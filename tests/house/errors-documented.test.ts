// docs/errors.md and the catalogue of errors say the same: no code is missing, none is invented, no fact differs.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { errorCatalogue } from '../../platform/errors.ts';
import { readErrorRows } from './error-page.ts';
import { readSourceFiles } from './source-files.ts';

const rows = readErrorRows();

describe('docs/errors.md', () => {
  test('lists each code of the catalogue, and no other, in alphabetical order', () => {
    expect(rows.map((row) => row.code)).toEqual(Object.keys(errorCatalogue).sort());
  });

  test.each(Object.entries(errorCatalogue))('tells the facts of %s', (code, { http, retryable }) => {
    expect(rows.find((row) => row.code === code)).toMatchObject({ http, retryable });
  });

  test('says what each means', () => {
    expect(rows.filter((row) => row.meaning.length < 20)).toEqual([]);
  });

  // That no number is missing is a house rule.
  test('names no number that nothing sends', () => {
    const sent = new Set(
      readSourceFiles()
        .filter((file) => !file.isTest)
        .flatMap((file) => file.errorNumbers.map(({ number }) => number)),
    );
    const named = rows.flatMap(({ numbers }) => numbers);
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((number) => !sent.has(number))).toEqual([]);
  });

  test('explains each number that shares a code with others', () => {
    const page = readFileSync('docs/errors.md', 'utf8');
    const explained = [...page.matchAll(/^\| `([A-Z_]+)` +\| (\d+) +\| [^|]{10,}\|$/gm)].map(
      ([, code, number]) => `${code} ${number}`,
    );
    const shared = rows.filter(({ numbers }) => numbers.length > 1);
    expect(explained).toEqual(shared.flatMap(({ code, numbers }) => numbers.map((number) => `${code} ${number}`)));
  });
});
