// `npm run restore -- FOLDER [--keys FILE]`: what `npm run backup` made, into an empty installation.
import { parseArgs } from 'node:util';
import { readConfig } from '../../platform/config.ts';
import type { SkippedPositions } from '../../platform/events/skip-positions.ts';
import { runProgram, StartError } from '../../platform/start-error.ts';
import { readVerifiedManifest } from '../backup/manifest.ts';
import { beginAnew } from './begin-anew.ts';
import { readBackedUpKeys, writeKeys } from './require-keys.ts';
import { restoreBackup } from './restore-backup.ts';

const usage = `Usage: npm run restore -- FOLDER [--keys FILE]
       npm run restore -- --recovered

  FOLDER       what \`npm run backup\` made
  --keys       restore nothing; write SERVICE_SECRET and FILE_KEYS of the backup into FILE (needs BACKUP_PASSPHRASE)
  --recovered  restore nothing; the database was put back by other means, such as point-in-time recovery

It reads what the program reads: DATABASE_URL or DATA_DIR, S3_* or DATA_DIR, SERVICE_SECRET and FILE_KEYS. All that must
be empty, but with --recovered. Start the program afterwards.`;

await runProgram(async () => {
  const { folder, keys } = readArguments();
  const tell = (line: string) => process.stdout.write(`${line}\n`);
  const passphrase = process.env.BACKUP_PASSPHRASE || undefined;
  if (folder === undefined) {
    tell(`Done: ${described(await beginAnew(readConfig(process.env)))}.`);
    return;
  }
  if (keys !== undefined) {
    const backedUp = await readBackedUpKeys(folder, await readVerifiedManifest(folder), passphrase);
    if (backedUp === undefined)
      throw new StartError('There are no keys in the backup, or BACKUP_PASSPHRASE is not set.');
    await writeKeys(keys, backedUp);
    tell(`Done: ${keys} holds the keys. Keep it secret.`);
    return;
  }
  const { createdAt, tables, bytes, skipped } = await restoreBackup({
    folder,
    config: readConfig(process.env),
    environment: process.env,
    passphrase,
    tell,
  });
  const rows = Object.values(tables).reduce((sum, count) => sum + count, 0);
  tell(`Done, as of ${createdAt}: ${rows} rows, ${bytes.objects} objects of files, ${described(skipped)}.`);
  const absent = bytes.missing.length + bytes.deletedMeanwhile.length;
  if (absent > 0) tell(`${absent} objects of files were not in the backup: those files have no bytes.`);
});

function described({ after, upTo }: SkippedPositions): string {
  return `the log up to position ${after}, from where it goes on at ${upTo}`;
}

/** No folder: the database is back already. */
function readArguments(): { folder: string | undefined; keys: string | undefined } {
  let read: { values: { keys?: string; recovered?: boolean }; positionals: string[] };
  try {
    read = parseArgs({
      options: { keys: { type: 'string' }, recovered: { type: 'boolean' } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n\n${usage}`);
  }
  const [folder, ...more] = read.positionals;
  const { keys, recovered = false } = read.values;
  const fits = recovered ? folder === undefined && keys === undefined : folder !== undefined && more.length === 0;
  if (!fits) throw new StartError(usage);
  return { folder, keys };
}
