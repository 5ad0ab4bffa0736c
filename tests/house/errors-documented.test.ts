// docs/errors.md and the catalogue of errors say the same: no code is missing, none is invented, no fact differs.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { errorCatalogue } from '../../platform/errors.ts';

interface Row {
  readonly code: string;
  readonly http: number;
  readonly retryable: boolean;
  readonly meaning: string;
}

const rows = readRows(readFileSync('docs/errors.md', 'utf8'));

function readRows(page: string): Row[] {
  return [...page.matchAll(/^\| `([A-Z_]+)` +\| (\d+) +\| (yes|no) +\| (.*) \|$/gm)].map(
    ([, code = '', http, retryable, meaning = '']) => ({
      code,
      http: Number(http),
      retryable: retryable === 'yes',
      meaning: meaning.trim(),
    }),
  );
}

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
});
