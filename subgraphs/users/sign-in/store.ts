// Credentials, and how often they failed: reads rows and writes them, and decides nothing. What is read and written for
// an address that nobody has takes the same statements as for others, so that it takes the same time.
import { Prisma } from '../../../generated/prisma/client.ts';
import type { Models } from '../../../platform/database/database.ts';
import type { UsersTable } from '../store.ts';
import type { Failures } from './ladder.ts';

type Db = Models<UsersTable>;

export interface Account extends Failures {
  readonly userId: string;
  readonly email: string;
  /** Null: linked to an OpenID Connect provider, or no longer linked and none set yet. */
  readonly passwordHash: string | null;
  readonly credentialVersion: number;
  readonly linked: boolean;
}

export interface Address {
  /** In lower case. */
  readonly email: string;
  /** What it is counted under while nobody has it. */
  readonly hash: string;
}

/** Nobody's. */
export interface UnknownAddress extends Failures {
  readonly userId: null;
  readonly addressHash: string;
}

const credentials = Prisma.sql`u.id::text AS "userId", u.email, u.password_hash AS "passwordHash",
  u.credential_version AS "credentialVersion",
  EXISTS (SELECT FROM users.oidc_links l WHERE l.user_id = u.id) AS linked`;

/** Whose the address is; else how often somebody tried it. */
export async function findByAddress(db: Db, { email, hash }: Address): Promise<Account | UnknownAddress> {
  const rows = await db.$queryRaw<(Account | Omit<UnknownAddress, 'addressHash'>)[]>`
    SELECT ${credentials},
      CASE WHEN u.id IS NULL THEN coalesce(a.failed_count, 0) ELSE u.failed_count END AS "failedCount",
      CASE WHEN u.id IS NULL THEN a.last_failed_at ELSE u.last_failed_at END AS "lastFailedAt"
    FROM (VALUES (${email}::text, ${hash}::text)) AS asked (email, hash)
    LEFT JOIN users.users u ON u.email = asked.email
    LEFT JOIN users.unknown_addresses a ON a.address_hash = asked.hash`;
  const [row] = rows;
  if (row === undefined || row.userId === null) {
    return { failedCount: 0, lastFailedAt: null, ...row, userId: null, addressHash: hash };
  }
  return row;
}

export async function findById(db: Db, userId: string): Promise<Account | null> {
  const rows = await db.$queryRaw<Account[]>`
    SELECT ${credentials}, u.failed_count AS "failedCount", u.last_failed_at AS "lastFailedAt"
    FROM users.users u WHERE u.id = ${userId}::uuid`;
  return rows[0] ?? null;
}

// Inside a transaction.

/** The same, and lets no other sign-in of this user, and no change of the user, go on until the transaction ends. */
export async function lockAccount(db: Db, userId: string): Promise<Account | null> {
  const rows = await db.$queryRaw<Account[]>`
    SELECT ${credentials}, u.failed_count AS "failedCount", u.last_failed_at AS "lastFailedAt"
    FROM users.users u WHERE u.id = ${userId}::uuid FOR NO KEY UPDATE OF u`;
  return rows[0] ?? null;
}

/** The same for an address that nobody has, which from then on is counted. */
export async function lockUnknownAddress(db: Db, addressHash: string): Promise<UnknownAddress> {
  const rows = await db.$queryRaw<Failures[]>`
    INSERT INTO users.unknown_addresses AS a (address_hash, failed_count, last_failed_at, updated_at)
    VALUES (${addressHash}, 0, to_timestamp(0), now())
    ON CONFLICT (address_hash) DO UPDATE SET updated_at = now()
    RETURNING a.failed_count AS "failedCount", a.last_failed_at AS "lastFailedAt"`;
  return { failedCount: 0, lastFailedAt: null, ...rows[0], userId: null, addressHash };
}

/** `updated_at` stays: a stranger's guesses change nothing of the account itself. */
export async function countFailure(db: Db, userId: string, at: Date): Promise<void> {
  await db.$executeRaw`
    UPDATE users.users SET failed_count = failed_count + 1, last_failed_at = ${at} WHERE id = ${userId}::uuid`;
}

export async function countUnknownFailure(db: Db, addressHash: string, at: Date): Promise<void> {
  await db.$executeRaw`
    UPDATE users.unknown_addresses SET failed_count = failed_count + 1, last_failed_at = ${at}
    WHERE address_hash = ${addressHash}`;
}

export async function clearFailures(db: Db, userId: string): Promise<void> {
  await db.$executeRaw`UPDATE users.users SET failed_count = 0 WHERE id = ${userId}::uuid`;
}

export async function updatePassword(db: Db, userId: string, passwordHash: string): Promise<void> {
  await db.user.update({ where: { id: userId }, data: { passwordHash, failedCount: 0 }, select: { id: true } });
}

/** How many there were. */
export function deleteUnknownAddresses(db: Db, before: Date): Promise<number> {
  return db.$executeRaw`DELETE FROM users.unknown_addresses WHERE last_failed_at < ${before}`;
}
