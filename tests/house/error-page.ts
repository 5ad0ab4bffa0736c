// Reads the table of codes in docs/errors.md, for the tests that hold it against the code.
import { readFileSync } from 'node:fs';

export interface ErrorRow {
  readonly code: string;
  readonly http: number;
  readonly retryable: boolean;
  /** What the reference calls it, in `extensions.details.code`. */
  readonly numbers: readonly number[];
  readonly meaning: string;
}

export function readErrorRows(): ErrorRow[] {
  const page = readFileSync('docs/errors.md', 'utf8');
  return [...page.matchAll(/^\| `([A-Z_]+)` +\| (\d+) +\| (yes|no) +\| ([\d, ]*)\| (.*) \|$/gm)].map(
    ([, code = '', http, retryable, numbers = '', meaning = '']) => ({
      code,
      http: Number(http),
      retryable: retryable === 'yes',
      numbers: [...numbers.matchAll(/\d+/g)].map(([number]) => Number(number)),
      meaning: meaning.trim(),
    }),
  );
}
