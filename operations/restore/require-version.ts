// Whether this program can read what the one that made a backup wrote.
import { readMigrations } from '../../platform/database/apply-migrations.ts';
import { StartError } from '../../platform/start-error.ts';
import type { Manifest } from '../backup/manifest.ts';

/** Throws when the backup is newer; an older one is brought up to date. */
export async function requireKnownVersion(manifest: Manifest, own: string): Promise<void> {
  const known = new Set((await readMigrations()).map(({ name }) => name));
  const unknown = manifest.migrations.filter((name) => !known.has(name));
  if (!isNewer(manifest.version, own) && unknown.length === 0) return;
  const migrations =
    unknown.length === 0 ? '' : ` It has migrations that this one does not know: ${unknown.join(', ')}.`;
  throw new StartError(
    `The backup was made by version ${manifest.version} of Caregraph, and this is ${own}: restore it with that one.${migrations} Nothing was restored.`,
  );
}

function isNewer(one: string, other: string): boolean {
  const numbers = (version: string) => version.split(/[-+]/)[0]?.split('.').map(Number) ?? [];
  const [ones, others] = [numbers(one), numbers(other)];
  const different = ones.findIndex((number, index) => number !== others[index]);
  return different >= 0 && (ones[different] ?? 0) > (others[different] ?? 0);
}
