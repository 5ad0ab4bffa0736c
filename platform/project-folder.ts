// Where the project's own files are (contracts, migrations, assets), whether it runs compiled or from source.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invariant } from './errors.ts';

/** The nearest folder upwards that holds package.json and schema/. */
export function projectFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!(existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'schema')))) {
    const parent = dirname(folder);
    invariant(parent !== folder, 'the project folder holds package.json and schema/');
    folder = parent;
  }
  return folder;
}
