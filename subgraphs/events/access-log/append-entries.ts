// Appends what gateways hand in to the access log, each entry chained to the one before it.
import type { AccessEntry } from '../../../platform/access-log/access-entry.ts';
import { boundedEntry } from '../../../platform/access-log/access-entry.ts';
import { beginning, type Chain } from './chain.ts';
import type { AccessLogDatabase, StoredEntry } from './store.ts';
import { findKnownIds, insertEntries, lockEnds, writeEnds } from './store.ts';

/** In one transaction, one gateway after the other. Entries that were handed in before are passed over. */
export async function appendEntries(
  database: AccessLogDatabase,
  chain: Chain,
  handedIn: readonly AccessEntry[],
): Promise<void> {
  if (handedIn.length === 0) return;
  await database.write(async ({ db }) => {
    const ends = (await lockEnds(db)) ?? {
      firstSequence: 0n,
      firstHash: beginning,
      lastSequence: 0n,
      lastHash: beginning,
    };
    const known = new Set(
      await findKnownIds(
        db,
        handedIn.map(({ id }) => id),
      ),
    );
    const stored: StoredEntry[] = [];
    let [sequence, hash] = [ends.lastSequence, ends.lastHash];
    for (const each of handedIn) {
      if (known.has(each.id)) continue;
      known.add(each.id);
      const entry = boundedEntry(each);
      sequence += 1n;
      hash = chain.hash(hash, { sequence, entry });
      stored.push({ sequence, entry, hash });
    }
    if (stored.length === 0) return;
    await insertEntries(db, stored);
    const moved = { ...ends, lastSequence: sequence, lastHash: hash };
    await writeEnds(db, { ...moved, seal: chain.seal(moved) });
  });
}
