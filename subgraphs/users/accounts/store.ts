// The only user of the columns of an account: reads and writes rows, and decides nothing. Whoever changes an account, its
// requests (request-store.ts) or its link (link-store.ts) locks the account first: that alone puts them in order.
import type { Models } from '../../../platform/database/database.ts';
import { anyLayer } from '../../../platform/database/error-layers.ts';
import type { UsersTable } from '../store.ts';

type Db = Models<UsersTable>;

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly language: string;
  readonly activation: boolean;
}

/** An account by its id or by its address in lower case. */
export type Whose = { readonly id: string } | { readonly email: string };

const accountColumns = { id: true, email: true, firstName: true, lastName: true, language: true, activation: true };

export function findAccount(db: Db, whose: Whose): Promise<Account | null> {
  return db.user.findUnique({ where: whose, select: accountColumns });
}

/** Keeps others from changing the account, its requests and its link until the transaction ends. */
export async function lockAccount(db: Db, whose: Whose): Promise<Account | null> {
  const { id, email } = { id: null, email: null, ...whose };
  // By one column or the other, so that each has its index; what comes after a wait is the row as it is then.
  const rows =
    id !== null
      ? await db.$queryRaw<Account[]>`
          SELECT id::text, email, first_name AS "firstName", last_name AS "lastName", language, activation
          FROM users.users WHERE id = ${id}::uuid FOR NO KEY UPDATE`
      : await db.$queryRaw<Account[]>`
          SELECT id::text, email, first_name AS "firstName", last_name AS "lastName", language, activation
          FROM users.users WHERE email = ${email} FOR NO KEY UPDATE`;
  return rows[0] ?? null;
}

export async function isAddressTaken(db: Db, email: string): Promise<boolean> {
  return (await db.user.findUnique({ where: { email }, select: { id: true } })) !== null;
}

/** Whether a statement failed because an address, or whatever else there may be only one of, is there already. */
export function isDuplicate(error: unknown): boolean {
  return anyLayer(error, ({ code, originalCode }) => code === 'P2002' || originalCode === '23505');
}

/** The new address has not been confirmed yet. Rejects with what isDuplicate tells when another account has it. */
export async function updateAddress(db: Db, id: string, email: string): Promise<void> {
  await db.user.update({ where: { id }, data: { email, activation: false }, select: { id: true } });
}

export async function markActivated(db: Db, id: string): Promise<void> {
  await db.user.update({ where: { id }, data: { activation: true }, select: { id: true } });
}

/** Sessions and tokens that were started before are refused from now on. Null: no password. */
export async function replacePassword(db: Db, id: string, passwordHash: string | null): Promise<void> {
  const data = { passwordHash, failedCount: 0, credentialVersion: { increment: 1 } };
  await db.user.update({ where: { id }, data, select: { id: true } });
}

export async function endCredentials(db: Db, id: string): Promise<void> {
  await db.user.update({ where: { id }, data: { credentialVersion: { increment: 1 } }, select: { id: true } });
}
