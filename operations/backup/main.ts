// `npm run backup -- FOLDER`: database, files and keys as one consistent set.
import { readConfig } from '../../platform/config.ts';
import { runProgram, StartError } from '../../platform/start-error.ts';
import { createBackup } from './create-backup.ts';

const usage = `Usage: npm run backup -- FOLDER

  FOLDER  new or empty

It reads what the program reads: DATABASE_URL or DATA_DIR, S3_* or DATA_DIR, SERVICE_SECRET and FILE_KEYS. With
BACKUP_PASSPHRASE the keys are in the backup, encrypted with it.`;

await runProgram(async () => {
  const [folder, ...more] = process.argv.slice(2);
  if (folder === undefined || folder.startsWith('-') || more.length > 0) throw new StartError(usage);
  const tell = (line: string) => process.stdout.write(`${line}\n`);
  const passphrase = process.env.BACKUP_PASSPHRASE || undefined;
  const { parts, tables, bytes, position } = await createBackup({
    folder,
    config: readConfig(process.env),
    environment: process.env,
    passphrase,
    tell,
  });
  const rows = Object.values(tables).reduce((sum, count) => sum + count, 0);
  const total = Object.values(parts).reduce((sum, part) => sum + part.bytes, 0);
  tell(`Done: ${folder} (${total} bytes): ${rows} rows, ${bytes.objects} objects of files, the log up to ${position}.`);
  if (parts.keys === undefined) {
    tell('The keys are NOT in it: without SERVICE_SECRET and FILE_KEYS its files and sealed secrets cannot be read.');
    tell('Keep them elsewhere, or set BACKUP_PASSPHRASE to have them in it, encrypted.');
  }
  if (bytes.deletedMeanwhile.length > 0) {
    tell(
      `${bytes.deletedMeanwhile.length} objects were deleted while it was made, with their files; they are not in it.`,
    );
  }
  if (bytes.missing.length > 0) {
    tell(
      `${bytes.missing.length} objects are MISSING from the store, though files need them (the manifest names them).`,
    );
    tell('The backup holds all else.');
  }
  process.exit(bytes.missing.length > 0 ? 2 : 0);
});
