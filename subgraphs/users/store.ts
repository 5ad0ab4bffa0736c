// Users: reads rows and writes them, and decides nothing; and what the stores of this service share. Every function takes
// the models first, those of the database or those of a transaction. No other service's tables are touched here.
import type { Prisma } from '../../generated/prisma/client.ts';
import type { Models, ServiceDatabase, WriteTransaction } from '../../platform/database/database.ts';
import type { RowReader } from '../../platform/paging/list-rows.ts';
import type { OidcLinkModel, UserModel } from './models.ts';

export type UsersTable =
  | 'user'
  | 'group'
  | 'role'
  | 'userRole'
  | 'staffEnlistment'
  | 'staffRole'
  | 'patientEnlistment'
  | 'unknownAddress'
  | 'oidcLink'
  | 'verificationRequest'
  | 'userSettings'
  | 'outboxMail';
export type UsersDatabase = ServiceDatabase<UsersTable>;
export type UsersTransaction = WriteTransaction<UsersTable>;
export type Db = Models<UsersTable>;

/** How the rows of an entity of this service are read. */
export type Rows<Row> = RowReader<Db, Row>;

/** Without the hash of the password, which only the store of signing in hands out. */
const withoutHash = { passwordHash: true } as const;

export const userRows: Rows<UserModel> = {
  find: (db, selection) => db.user.findMany({ ...(selection as Prisma.UserFindManyArgs), omit: withoutHash }),
  count: (db, where) => db.user.count({ where: where as Prisma.UserWhereInput }),
};

export async function hasUsers(db: Db): Promise<boolean> {
  return (await db.user.findFirst({ select: { id: true } })) !== null;
}

/** Those of the users that exist. */
export async function findUserIds(db: Db, ids: readonly string[]): Promise<Set<string>> {
  return idsOf(await db.user.findMany({ where: { id: { in: [...ids] } }, select: { id: true } }));
}

export function findOidcLinks(db: Db, userIds: readonly string[]): Promise<OidcLinkModel[]> {
  return db.oidcLink.findMany({ where: { userId: { in: [...userIds] } } });
}

export function idsOf(rows: readonly { id: string }[]): Set<string> {
  return new Set(rows.map(({ id }) => id));
}

// Changes. They run inside a transaction. Lists of ids are locked and written in order, so that two transactions that
// meet wait for each other instead of blocking each other.

/** Keeps the users from vanishing, and their rights from being changed by others, until the transaction ends; those that exist. */
export async function lockUsers(db: Db, ids: readonly string[]): Promise<Set<string>> {
  return idsOf(
    await db.$queryRaw<{ id: string }[]>`
      SELECT id::text FROM users.users WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR NO KEY UPDATE`,
  );
}

/** Lets one transaction at a time decide whether the first administrator is missing. */
export async function lockFirstAccount(db: Db): Promise<void> {
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('users: first account'))`;
}

export type NewUser = Pick<UserModel, 'id' | 'email' | 'firstName' | 'lastName' | 'language' | 'phoneNumber'> &
  Partial<Pick<UserModel, 'timeZone' | 'activation'>> & {
    /** Null: who signs in through an OpenID Connect provider. */
    readonly passwordHash: string | null;
  };

/** Null when another account has the address. */
export async function insertUser(db: Db, user: NewUser): Promise<UserModel | null> {
  const rows = await db.user.createManyAndReturn({ data: [user], skipDuplicates: true, omit: withoutHash });
  return rows[0] ?? null;
}

/** What a user's contact details are made of. */
export type UserDetails = Pick<
  UserModel,
  'firstName' | 'lastName' | 'phoneNumber' | 'language' | 'timeZone' | 'profileImage'
>;

/** Keeps the details from being changed by others until the transaction ends; null when there is no such user. */
export async function lockUserDetails(db: Db, id: string): Promise<UserDetails | null> {
  const rows = await db.$queryRaw<UserDetails[]>`
    SELECT first_name AS "firstName", last_name AS "lastName", phone_number AS "phoneNumber", language,
      time_zone AS "timeZone", profile_image AS "profileImage"
    FROM users.users WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  return rows[0] ?? null;
}

export async function changeUserDetails(db: Db, id: string, changes: Partial<UserDetails>): Promise<void> {
  await db.user.update({ where: { id }, data: changes, select: { id: true } });
}

/** With roles, enlistments, requests and links. Whether there was such a user. */
export async function removeUser(db: Db, id: string): Promise<boolean> {
  const found = await db.$queryRaw<unknown[]>`SELECT 1 FROM users.users WHERE id = ${id}::uuid FOR UPDATE`;
  if (found.length === 0) return false;
  // In the order in which others lock what is held; the cascade would take its own.
  await db.$executeRaw`
    SELECT 1 FROM users.staff_enlistments WHERE user_id = ${id}::uuid ORDER BY group_id FOR UPDATE`;
  await db.$executeRaw`
    SELECT 1 FROM users.staff_roles WHERE user_id = ${id}::uuid ORDER BY group_id, role_id FOR UPDATE`;
  await db.$executeRaw`SELECT 1 FROM users.user_roles WHERE user_id = ${id}::uuid ORDER BY role_id FOR UPDATE`;
  await db.$executeRaw`DELETE FROM users.users WHERE id = ${id}::uuid`;
  return true;
}
