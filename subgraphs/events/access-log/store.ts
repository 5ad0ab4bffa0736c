// The only user of the tables of the access log: reads rows and writes them, and decides nothing.
import type { Prisma } from '../../../generated/prisma/client.ts';
import type { AccessEntry } from '../../../platform/access-log/access-entry.ts';
import type { Models, ServiceDatabase } from '../../../platform/database/database.ts';
import type { RowReader } from '../../../platform/paging/list-rows.ts';
import type { AccessLogModel } from '../models.ts';
import type { ChainEnds } from './chain.ts';

export type AccessLogTable = 'accessLogEntry' | 'accessLogEnds';
export type AccessLogDatabase = ServiceDatabase<AccessLogTable>;
export type Db = Models<AccessLogTable>;

/** What the API shows. */
const shown = { hash: true, createdAt: true, updatedAt: true } as const;

export const accessLogRows: RowReader<Db, AccessLogModel> = {
  find: (db, selection) =>
    db.accessLogEntry.findMany({ ...(selection as Prisma.AccessLogEntryFindManyArgs), omit: shown }),
  count: (db, where) => db.accessLogEntry.count({ where: where as Prisma.AccessLogEntryWhereInput }),
};

/** An entry with its place in the chain. */
export interface StoredEntry {
  readonly sequence: bigint;
  readonly entry: AccessEntry;
  readonly hash: Uint8Array;
}

export interface SealedEnds extends ChainEnds {
  readonly seal: Uint8Array;
}

const ends = {
  firstSequence: true,
  firstHash: true,
  lastSequence: true,
  lastHash: true,
  seal: true,
} as const;

/** Null: nothing was ever written. */
export function findEnds(db: Db): Promise<SealedEnds | null> {
  return db.accessLogEnds.findUnique({ where: { id: 1 }, select: ends });
}

/** Until the transaction ends, nobody else appends or drops: also where there is no entry yet. */
export async function lockEnds(db: Db): Promise<SealedEnds | null> {
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('events.access_log'))`;
  return findEnds(db);
}

export async function writeEnds(db: Db, sealed: SealedEnds): Promise<void> {
  const columns = {
    firstSequence: sealed.firstSequence,
    firstHash: new Uint8Array(sealed.firstHash),
    lastSequence: sealed.lastSequence,
    lastHash: new Uint8Array(sealed.lastHash),
    seal: new Uint8Array(sealed.seal),
  };
  await db.accessLogEnds.upsert({ where: { id: 1 }, create: { id: 1, ...columns }, update: columns });
}

/** Those of the ids that there are entries of. */
export async function findKnownIds(db: Db, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db.accessLogEntry.findMany({ where: { id: { in: [...ids] } }, select: { id: true } });
  return new Set(rows.map(({ id }) => id));
}

export async function insertEntries(db: Db, entries: readonly StoredEntry[]): Promise<void> {
  await db.accessLogEntry.createMany({
    data: entries.map(({ sequence, entry, hash }) => ({
      ...entry,
      sequence,
      timestamp: new Date(entry.timestamp),
      rootFields: [...entry.rootFields],
      errorCodes: [...entry.errorCodes],
      hash: new Uint8Array(hash),
    })),
  });
}

/** In order, at most `most` after the sequence. */
export async function readEntries(db: Db, after: bigint, most: number): Promise<StoredEntry[]> {
  const rows = await db.accessLogEntry.findMany({
    where: { sequence: { gt: after } },
    orderBy: { sequence: 'asc' },
    take: most,
    omit: { createdAt: true, updatedAt: true },
  });
  return rows.map(({ sequence, hash, timestamp, responseBodySize, ...entry }) => ({
    sequence,
    hash,
    entry: {
      ...entry,
      timestamp: timestamp.getTime(),
      responseBodySize: responseBodySize === null ? null : Number(responseBodySize),
    },
  }));
}

export async function findEntry(db: Db, sequence: bigint): Promise<StoredEntry | undefined> {
  const [entry] = await readEntries(db, sequence - 1n, 1);
  return entry?.sequence === sequence ? entry : undefined;
}

/** The first entry of a request that came in at this moment or later; null: there is none. */
export async function findFirstSince(db: Db, since: Date): Promise<bigint | null> {
  const { _min } = await db.accessLogEntry.aggregate({
    where: { timestamp: { gte: since } },
    _min: { sequence: true },
  });
  return _min.sequence;
}

/** Null: there is no entry. */
export async function findNewest(db: Db): Promise<bigint | null> {
  return (await db.accessLogEntry.aggregate({ _max: { sequence: true } }))._max.sequence;
}

/** Deletes at most `most` entries up to the sequence, oldest first. How many. */
export function deleteUpTo(db: Db, sequence: bigint, most: number): Promise<number> {
  return db.$executeRaw`
    DELETE FROM events.access_log WHERE sequence IN (
      SELECT sequence FROM events.access_log WHERE sequence <= ${sequence} ORDER BY sequence LIMIT ${most})`;
}
