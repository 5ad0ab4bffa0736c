// Verifies the access log: that no entry was changed, added or removed since it was written.
import { beginning, type Chain, isSameHash } from './chain.ts';
import type { Db, SealedEnds } from './store.ts';
import { findEnds, findEntry, findNewest, readEntries } from './store.ts';

/** A known place of the log, noted at an earlier verification and kept elsewhere. */
export interface Anchor {
  readonly sequence: bigint;
  /** In hexadecimal digits. */
  readonly hash: string;
}

export interface Verification {
  /** Entries that were looked at. */
  readonly entries: number;
  /** What is wrong; none: the log is as it was written. At most the first 100. */
  readonly faults: readonly string[];
  /** The newest entry, to be kept elsewhere as an anchor; undefined: the log is empty. */
  readonly anchor: Anchor | undefined;
}

const pageSize = 1_000;
const mostFaults = 100;

/** Reads all of the log, in pages. What is appended meanwhile is left for the next time. */
export async function verifyChain(db: Db, chain: Chain, anchor?: Anchor): Promise<Verification> {
  for (;;) {
    const ends = await findEnds(db);
    const verification = await verifyFrom(db, chain, { ends, anchor });
    const now = await findEnds(db);
    // Old entries were dropped meanwhile, which looks like somebody had removed them.
    if (verification.faults.length === 0 || ends?.firstSequence === now?.firstSequence) return verification;
  }
}

interface Start {
  readonly ends: SealedEnds | null;
  readonly anchor: Anchor | undefined;
}

async function verifyFrom(db: Db, chain: Chain, { ends, anchor }: Start): Promise<Verification> {
  const faults: string[] = [];
  const fault = (text: string) => {
    if (faults.length < mostFaults) faults.push(text);
  };
  if (ends === null) {
    const [first] = await readEntries(db, 0n, 1);
    if (first !== undefined) fault('There are entries, but what says where the log begins and ends was removed.');
    if (anchor !== undefined) fault(`Entry ${anchor.sequence} is missing: the log is empty.`);
    return { entries: 0, faults, anchor: undefined };
  }
  if (!isSameHash(chain.seal(ends), ends.seal)) {
    fault('What says where the log begins and ends was changed, or was sealed with another SERVICE_SECRET.');
  }
  if (anchor !== undefined) await checkAnchor(db, ends, anchor, fault);
  const entries = await checkEntries(db, chain, ends, fault);
  if (await goesOnBeyondItsEnd(db)) fault('There are entries after the end of the log.');
  const newest = { sequence: ends.lastSequence, hash: Buffer.from(ends.lastHash).toString('hex') };
  return { entries, faults, anchor: ends.lastSequence === 0n ? undefined : newest };
}

type Fault = (text: string) => void;

async function checkAnchor(db: Db, ends: SealedEnds, { sequence, hash }: Anchor, fault: Fault): Promise<void> {
  // It went by age: the seal answers for the beginning of the log.
  if (sequence < ends.firstSequence) return;
  const known = sequence === ends.firstSequence ? ends.firstHash : (await findEntry(db, sequence))?.hash;
  if (known === undefined) fault(`Entry ${sequence}, which was noted earlier, is missing.`);
  else if (!isSameHash(known, Buffer.from(hash, 'hex')))
    fault(`Entry ${sequence} is not the one that was noted earlier.`);
}

async function goesOnBeyondItsEnd(db: Db): Promise<boolean> {
  // In this order: what was appended in between moved the end.
  const newest = await findNewest(db);
  const ends = await findEnds(db);
  return newest !== null && newest > (ends?.lastSequence ?? 0n);
}

/** How many there are. */
async function checkEntries(db: Db, chain: Chain, ends: SealedEnds, fault: Fault): Promise<number> {
  let [sequence, previous] = [ends.firstSequence, ends.firstHash];
  if (sequence === 0n && !isSameHash(previous, beginning)) fault('The beginning of the log was changed.');
  let entries = 0;
  const missing = (upTo: bigint) => {
    if (upTo > sequence)
      fault(upTo === sequence + 1n ? `Entry ${upTo} is missing.` : `Entries ${sequence + 1n} to ${upTo} are missing.`);
  };
  for (;;) {
    const page = await readEntries(db, sequence, pageSize);
    for (const stored of page) {
      if (stored.sequence > ends.lastSequence) break;
      missing(stored.sequence - 1n);
      const follows = stored.sequence === sequence + 1n;
      // After a gap nothing says what the hash was made of; the entry itself is then vouched for by those after it.
      if (follows && !isSameHash(chain.hash(previous, stored), stored.hash))
        fault(`Entry ${stored.sequence} was changed.`);
      [sequence, previous] = [stored.sequence, stored.hash];
      entries += 1;
    }
    if (page.length < pageSize || sequence >= ends.lastSequence) break;
  }
  missing(ends.lastSequence);
  if (sequence === ends.lastSequence && !isSameHash(previous, ends.lastHash)) fault('The end of the log was changed.');
  return entries;
}
