// Entries of the access log that could not be stored before the gateway ended: kept in its data directory until the next
// start. What is handed in twice is stored once, so nothing is lost by being careful.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccessEntry } from '../../platform/access-log/access-entry.ts';
import { newId } from '../../platform/ids.ts';

const name = /^access-log-waiting-[\da-f-]+\.json$/;

export async function keepWaiting(dataDir: string, entries: readonly AccessEntry[]): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  // A name of its own, beside other gateways that share the directory; whole or not at all.
  const file = join(dataDir, `access-log-waiting-${newId()}.json`);
  await writeFile(`${file}.draft`, JSON.stringify(entries), { mode: 0o600 });
  await rename(`${file}.draft`, file);
}

/** What earlier processes left; `done` forgets it, once it is stored. */
export async function findWaiting(
  dataDir: string,
): Promise<{ readonly entries: readonly AccessEntry[]; done(): Promise<void> }> {
  const found = (await readdir(dataDir).catch(() => []))
    .filter((file) => name.test(file))
    .map((file) => join(dataDir, file));
  const entries: AccessEntry[] = [];
  const read: string[] = [];
  for (const file of found) {
    try {
      entries.push(...(JSON.parse(await readFile(file, 'utf8')) as AccessEntry[]));
      read.push(file);
    } catch {
      // Another gateway was faster, or it is broken: it stays, for people to look at.
    }
  }
  return { entries, done: async () => void (await Promise.all(read.map((file) => rm(file, { force: true })))) };
}
