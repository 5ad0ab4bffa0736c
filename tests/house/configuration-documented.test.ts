// README.md's table of environment variables and the configuration name the same variables.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { environmentNames } from '../../platform/config.ts';

test('README.md lists each environment variable, and no other', () => {
  const rows = readFileSync('README.md', 'utf8').match(/^\| `[A-Z][^|]*/gm) ?? [];
  const listed = rows.flatMap((row) => [...row.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name]) => name));
  expect(environmentNames).toContain('NODE_ENV');
  expect(listed.toSorted()).toEqual(environmentNames.toSorted());
});
