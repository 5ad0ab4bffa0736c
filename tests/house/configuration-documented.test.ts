// README.md's table of environment variables and platform/config.ts name the same variables.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

test('README.md lists each environment variable, and no other', () => {
  const config = readFileSync('platform/config.ts', 'utf8');
  const read = [...config.matchAll(/^ {2}([A-Z][A-Z0-9_]+):? /gm)].map(([, name]) => name);
  const rows = readFileSync('README.md', 'utf8').match(/^\| `[A-Z][^|]*/gm) ?? [];
  const listed = rows.flatMap((row) => [...row.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name]) => name));
  expect(read).toContain('NODE_ENV');
  expect(listed.toSorted()).toEqual(read.toSorted());
});
