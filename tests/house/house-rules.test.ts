// The rules that keep the project a house (see CONTRIBUTING.md), held against its own sources.
import { describe, expect, test } from '@jest/globals';
import { foldersOf, houseRules } from './house-rules.ts';
import { parseSourceFile, readSourceFiles } from './source-files.ts';

const sources = readSourceFiles();

describe('a breach is noticed', () => {
  test.each(houseRules)('$name', ({ breaches, example }) => {
    const files = Object.entries(example).map(([path, text]) => parseSourceFile(path, text));
    expect(breaches(files)).not.toEqual([]);
  });
});

describe('the house', () => {
  test('is looked at whole', () => {
    expect(foldersOf(sources)).toEqual(new Set(['gateway', 'subgraphs', 'platform', 'operations', 'tests', 'bench']));
  });

  test.each(houseRules)('$name', ({ breaches }) => {
    expect(breaches(sources)).toEqual([]);
  });
});
