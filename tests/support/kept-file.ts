// Where tests keep what takes long to make, for each state of what it is made of.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMigrations } from '../../platform/database/apply-migrations.ts';
import { projectFolder } from '../../platform/project-folder.ts';

/** The path of a migrated database's tar file; `others` is what it depends on beside migrations and dependencies. */
export async function keptFile(kind: 'database' | 'server', others = ''): Promise<string> {
  // The tables of jobs are pg-boss's own, so they change with the dependencies alone.
  const dependencies = await readFile(join(projectFolder(), 'package-lock.json'));
  const hash = createHash('sha256')
    .update(JSON.stringify([process.getuid?.(), await readMigrations(), others]))
    .update(dependencies);
  return join(tmpdir(), `caregraph-test-${kind}-${hash.digest('hex').slice(0, 16)}.tar`);
}
