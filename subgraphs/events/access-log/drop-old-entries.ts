// Drops entries of the access log by age, from its beginning. The hash of the last one that went is kept, so that what
// remains can still be verified.
import type { Chain } from './chain.ts';
import type { AccessLogDatabase } from './store.ts';
import { deleteUpTo, findEntry, findFirstSince, lockEnds, writeEnds } from './store.ts';

const atOnce = 5_000;

/** Entries of requests before `since`. One behind a younger one stays until that one goes, too. */
export async function dropOldEntries(database: AccessLogDatabase, chain: Chain, since: Date): Promise<void> {
  const dropped = await database.write(async ({ db }) => {
    const ends = await lockEnds(db);
    if (ends === null) return 0n;
    const last = ((await findFirstSince(db, since)) ?? ends.lastSequence + 1n) - 1n;
    if (last <= ends.firstSequence) return ends.firstSequence;
    const entry = await findEntry(db, last);
    // Somebody has removed it: what is left of the log stays as it is, for verification to tell.
    if (entry === undefined) return ends.firstSequence;
    const moved = { ...ends, firstSequence: last, firstHash: entry.hash };
    await writeEnds(db, { ...moved, seal: chain.seal(moved) });
    return last;
  });
  // They count no more; those that a crash leaves behind go the next time.
  while ((await deleteUpTo(database.db, dropped, atOnce)) === atOnce);
}
