// The only user of this service's tables: reads rows and writes them, and decides nothing. Every function takes the
// models first, those of the database or those of a transaction.
import type { Prisma } from '../../generated/prisma/client.ts';
import type { Where } from '../../platform/access/condition-where.ts';
import type { Models, ServiceDatabase, WriteTransaction } from '../../platform/database/database.ts';
import type { PrismaPage } from '../../platform/paging/prisma-page.ts';
import type { GroupModel, PatientEnlistmentModel, RoleModel, StaffEnlistmentModel, UserModel } from './models.ts';

type Table = 'user' | 'group' | 'role' | 'userRole' | 'staffEnlistment' | 'staffRole' | 'patientEnlistment';
export type UsersDatabase = ServiceDatabase<Table>;
export type UsersTransaction = WriteTransaction<Table>;
type Db = Models<Table>;

type Selection = Pick<PrismaPage, 'where'> & Partial<PrismaPage>;

/** How the rows of an entity are read. A `where` fits the entity's model: who builds it knows which. */
export interface Rows<Row> {
  find(db: Db, selection: Selection): Promise<Row[]>;
  count(db: Db, where: Where): Promise<number>;
}

/** Without the hash of the password, which findCredentials alone hands out. */
const withoutHash = { passwordHash: true } as const;

export const userRows: Rows<UserModel> = {
  find: (db, selection) => db.user.findMany({ ...(selection as Prisma.UserFindManyArgs), omit: withoutHash }),
  count: (db, where) => db.user.count({ where: where as Prisma.UserWhereInput }),
};

export const groupRows: Rows<GroupModel> = {
  find: (db, selection) => db.group.findMany(selection as Prisma.GroupFindManyArgs),
  count: (db, where) => db.group.count({ where: where as Prisma.GroupWhereInput }),
};

export const roleRows: Rows<RoleModel> = {
  find: (db, selection) => db.role.findMany(selection as Prisma.RoleFindManyArgs),
  count: (db, where) => db.role.count({ where: where as Prisma.RoleWhereInput }),
};

const byAge = [{ createdAt: 'asc' as const }, { groupId: 'asc' as const }];

export function findStaffEnlistments(db: Db, where: Where): Promise<StaffEnlistmentModel[]> {
  return db.staffEnlistment.findMany({ where: where as Prisma.StaffEnlistmentWhereInput, orderBy: byAge });
}

export function findPatientEnlistments(db: Db, where: Where): Promise<PatientEnlistmentModel[]> {
  return db.patientEnlistment.findMany({ where: where as Prisma.PatientEnlistmentWhereInput, orderBy: byAge });
}

export interface HeldRole extends RoleModel {
  /** Who of the users asked for holds it as a global role. */
  readonly users: readonly { readonly userId: string }[];
  /** Who of them holds it as staff. */
  readonly staff: readonly { readonly userId: string; readonly groupId: string }[];
}

/** The roles among `where` that any of these users holds. */
export function findHeldRoles(db: Db, userIds: readonly string[], where: Where): Promise<HeldRole[]> {
  const held = { userId: { in: [...userIds] } };
  return db.role.findMany({
    where: { AND: [where as Prisma.RoleWhereInput, { OR: [{ users: { some: held } }, { staff: { some: held } }] }] },
    include: {
      users: { where: held, select: { userId: true } },
      staff: { where: held, select: { userId: true, groupId: true } },
    },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
  });
}

export function findCredentials(db: Db, email: string): Promise<{ id: string; passwordHash: string } | null> {
  return db.user.findUnique({ where: { email }, select: { id: true, passwordHash: true } });
}

export async function hasUsers(db: Db): Promise<boolean> {
  return (await db.user.findFirst({ select: { id: true } })) !== null;
}

/** Those of the users that exist. */
export async function findUserIds(db: Db, ids: readonly string[]): Promise<Set<string>> {
  return idsOf(await db.user.findMany({ where: { id: { in: [...ids] } }, select: { id: true } }));
}

/** Those of the groups that exist. */
export async function findGroupIds(db: Db, ids: readonly string[]): Promise<Set<string>> {
  return idsOf(await db.group.findMany({ where: { id: { in: [...ids] } }, select: { id: true } }));
}

interface RawIdentity {
  readonly permissions: string[];
  readonly staff: { groupId: string; permissions: string[] }[];
  /** Epoch milliseconds. */
  readonly patient: { groupId: string; expiresAt: number | null }[];
}

/** One statement, because the gateway reads an identity whenever a user's access has changed. Null: no such user. */
export async function findIdentity(db: Db, userId: string): Promise<RawIdentity | null> {
  const rows = await db.$queryRaw<RawIdentity[]>`
    SELECT
      ARRAY(
        SELECT DISTINCT unnest(r.permissions) FROM users.user_roles h
        JOIN users.roles r ON r.id = h.role_id AND r.group_id IS NULL
        WHERE h.user_id = u.id
      ) AS permissions,
      (
        SELECT coalesce(jsonb_agg(jsonb_build_object('groupId', e.group_id, 'permissions', ARRAY(
          SELECT DISTINCT unnest(r.permissions) FROM users.staff_roles h
          JOIN users.roles r ON r.id = h.role_id AND r.group_id = e.group_id
          WHERE h.user_id = e.user_id AND h.group_id = e.group_id
        ))), '[]') FROM users.staff_enlistments e WHERE e.user_id = u.id
      ) AS staff,
      (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
          'groupId', p.group_id, 'expiresAt', (extract(epoch FROM p.expires_at) * 1000)::bigint
        )), '[]') FROM users.patient_enlistments p WHERE p.user_id = u.id
      ) AS patient
    FROM users.users u WHERE u.id = ${userId}::uuid`;
  return rows[0] ?? null;
}

function idsOf(rows: readonly { id: string }[]): Set<string> {
  return new Set(rows.map(({ id }) => id));
}

// Changes. They run inside a transaction. Lists of ids are locked and written in order, so that two transactions that
// meet wait for each other instead of blocking each other.

/** Keeps the users from vanishing until the transaction ends; those that exist. */
export async function lockUsers(db: Db, ids: readonly string[]): Promise<Set<string>> {
  return idsOf(
    await db.$queryRaw<{ id: string }[]>`
      SELECT id::text FROM users.users WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR KEY SHARE`,
  );
}

/** Keeps the groups from vanishing until the transaction ends; those that exist. */
export async function lockGroups(db: Db, ids: readonly string[]): Promise<Set<string>> {
  return idsOf(
    await db.$queryRaw<{ id: string }[]>`
      SELECT id::text FROM users.groups WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR KEY SHARE`,
  );
}

export interface LockedRole {
  readonly id: string;
  readonly groupId: string | null;
  readonly permissions: readonly string[];
}

/** Keeps the roles as they are while they are given to somebody: a change of permissions waits, and finds the holder. */
export function lockRolesToGive(db: Db, ids: readonly string[]): Promise<LockedRole[]> {
  return db.$queryRaw<LockedRole[]>`
    SELECT id::text, group_id::text AS "groupId", permissions FROM users.roles
    WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR SHARE`;
}

/** Keeps the roles from being given or changed by others while their permissions change. */
export function lockRolesToChange(db: Db, ids: readonly string[]): Promise<LockedRole[]> {
  return db.$queryRaw<LockedRole[]>`
    SELECT id::text, group_id::text AS "groupId", permissions FROM users.roles
    WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR UPDATE`;
}

/** Null when another account has the address. */
export async function insertUser(
  db: Db,
  user: Omit<UserModel, 'createdAt' | 'updatedAt'> & { readonly passwordHash: string },
): Promise<UserModel | null> {
  const rows = await db.user.createManyAndReturn({ data: [user], skipDuplicates: true, omit: withoutHash });
  return rows[0] ?? null;
}

export function insertGroup(db: Db, group: Pick<GroupModel, 'id' | 'name' | 'description'>): Promise<GroupModel> {
  return db.group.create({ data: group });
}

type NewRole = Omit<RoleModel, 'createdAt' | 'updatedAt'> & { readonly systemKey?: string };

export function insertRole(db: Db, role: NewRole): Promise<RoleModel> {
  return db.role.create({ data: role });
}

/** Adds what each role lacks; the permissions of a role are kept in alphabetical order. */
export async function addPermissions(
  db: Db,
  roleIds: readonly string[],
  permissions: readonly string[],
): Promise<void> {
  await db.$executeRaw`
    UPDATE users.roles SET updated_at = now(), permissions =
      ARRAY(SELECT DISTINCT name COLLATE "C" FROM unnest(permissions || ${permissions}::text[]) AS name ORDER BY 1)
    WHERE id = ANY(${roleIds}::uuid[])`;
}

/** Everybody who holds one of the roles. */
export async function findHolders(db: Db, roleIds: readonly string[]): Promise<string[]> {
  const rows = await db.$queryRaw<{ userId: string }[]>`
    SELECT user_id::text AS "userId" FROM users.user_roles WHERE role_id = ANY(${roleIds}::uuid[])
    UNION SELECT user_id::text FROM users.staff_roles WHERE role_id = ANY(${roleIds}::uuid[])`;
  return rows.map(({ userId }) => userId);
}

/** The role that the platform keeps under this key. */
export function findSystemRole(db: Db, systemKey: string): Promise<RoleModel | null> {
  return db.role.findUnique({ where: { systemKey } });
}

/** Lets one transaction at a time decide whether the first administrator is missing. */
export async function lockFirstAccount(db: Db): Promise<void> {
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('users: first account'))`;
}

/** Gives each user each of the global roles; what was new. */
export function insertUserRoles(
  db: Db,
  userIds: readonly string[],
  roleIds: readonly string[],
): Promise<{ userId: string; roleId: string }[]> {
  return db.$queryRaw`
    INSERT INTO users.user_roles (user_id, role_id, updated_at)
    SELECT u, r, now() FROM unnest(${userIds}::uuid[]) u CROSS JOIN unnest(${roleIds}::uuid[]) r ORDER BY u, r
    ON CONFLICT DO NOTHING RETURNING user_id::text AS "userId", role_id::text AS "roleId"`;
}

export interface EnlistmentKey {
  readonly userId: string;
  readonly groupId: string;
}

/** Makes each user staff of each group; what was new. */
export function insertStaff(db: Db, userIds: readonly string[], groupIds: readonly string[]): Promise<EnlistmentKey[]> {
  return db.$queryRaw`
    INSERT INTO users.staff_enlistments (user_id, group_id, updated_at)
    SELECT u, g, now() FROM unnest(${userIds}::uuid[]) u CROSS JOIN unnest(${groupIds}::uuid[]) g ORDER BY u, g
    ON CONFLICT DO NOTHING RETURNING user_id::text AS "userId", group_id::text AS "groupId"`;
}

/** Gives each user, staff already, each role in the role's own group; what was new. */
export function insertStaffRoles(
  db: Db,
  userIds: readonly string[],
  roleIds: readonly string[],
): Promise<(EnlistmentKey & { readonly roleId: string })[]> {
  return db.$queryRaw`
    INSERT INTO users.staff_roles (user_id, group_id, role_id, updated_at)
    SELECT u, r.group_id, r.id, now() FROM unnest(${userIds}::uuid[]) u CROSS JOIN users.roles r
    WHERE r.id = ANY(${roleIds}::uuid[]) AND r.group_id IS NOT NULL ORDER BY u, r.group_id, r.id
    ON CONFLICT DO NOTHING
    RETURNING user_id::text AS "userId", group_id::text AS "groupId", role_id::text AS "roleId"`;
}

/** Ends staff enlistments, with the roles held in them; what there was. */
export function deleteStaff(db: Db, userIds: readonly string[], groupIds: readonly string[]): Promise<EnlistmentKey[]> {
  return db.$queryRaw`
    DELETE FROM users.staff_enlistments WHERE user_id = ANY(${userIds}::uuid[]) AND group_id = ANY(${groupIds}::uuid[])
    RETURNING user_id::text AS "userId", group_id::text AS "groupId"`;
}

/** Whether it was new. */
export async function insertPatient(
  db: Db,
  enlistment: EnlistmentKey & { readonly expiresAt: Date | null },
): Promise<boolean> {
  return (await db.patientEnlistment.createMany({ data: [enlistment], skipDuplicates: true })).count === 1;
}

/** Whether there was one. */
export async function deletePatient(db: Db, { userId, groupId }: EnlistmentKey): Promise<boolean> {
  return (await db.patientEnlistment.deleteMany({ where: { userId, groupId } })).count === 1;
}
