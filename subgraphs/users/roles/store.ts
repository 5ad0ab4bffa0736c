// Roles, and who holds them: reads rows and writes them, and decides nothing. Changes run inside a transaction. Lists of
// ids are locked and written in order, so that two transactions that meet wait for each other instead of blocking each
// other: roles first, then users, then enlistments, then what is held.
import type { Prisma } from '../../../generated/prisma/client.ts';
import type { Where } from '../../../platform/access/condition-where.ts';
import type { RoleModel } from '../models.ts';
import type { Db, Rows } from '../store.ts';

export const roleRows: Rows<RoleModel> = {
  find: (db, selection) => db.role.findMany(selection as Prisma.RoleFindManyArgs),
  count: (db, where) => db.role.count({ where: where as Prisma.RoleWhereInput }),
};

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

/** The role that the platform keeps under this key. */
export function findSystemRole(db: Db, systemKey: string): Promise<RoleModel | null> {
  return db.role.findUnique({ where: { systemKey } });
}

/** Everybody who holds one of the roles. */
export async function findHolders(db: Db, roleIds: readonly string[]): Promise<string[]> {
  const rows = await db.$queryRaw<{ userId: string }[]>`
    SELECT user_id::text AS "userId" FROM users.user_roles WHERE role_id = ANY(${roleIds}::uuid[])
    UNION SELECT user_id::text FROM users.staff_roles WHERE role_id = ANY(${roleIds}::uuid[])`;
  return rows.map(({ userId }) => userId);
}

export interface LockedRole {
  readonly id: string;
  readonly groupId: string | null;
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly string[];
  /** Set on roles that the platform itself keeps. */
  readonly systemKey: string | null;
}

/** Where roles that are not global hold. */
export function groupsOfRoles(roles: readonly Pick<LockedRole, 'groupId'>[]): string[] {
  return [...new Set(roles.flatMap(({ groupId }) => groupId ?? []))];
}

/** Keeps the roles as they are while they are given to somebody: a change of permissions waits, and finds the holder. */
export function lockRolesToGive(db: Db, ids: readonly string[]): Promise<LockedRole[]> {
  return db.$queryRaw<LockedRole[]>`
    SELECT id::text, group_id::text AS "groupId", name, description, permissions, system_key AS "systemKey"
    FROM users.roles WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR SHARE`;
}

/** Keeps the roles from being given or changed by others while they change. */
export function lockRolesToChange(db: Db, ids: readonly string[]): Promise<LockedRole[]> {
  return db.$queryRaw<LockedRole[]>`
    SELECT id::text, group_id::text AS "groupId", name, description, permissions, system_key AS "systemKey"
    FROM users.roles WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR UPDATE`;
}

type NewRole = Omit<RoleModel, 'createdAt' | 'updatedAt'> & { readonly systemKey?: string };

export function insertRole(db: Db, role: NewRole): Promise<RoleModel> {
  return db.role.create({ data: role });
}

export async function changeRole(
  db: Db,
  id: string,
  changes: Partial<Pick<RoleModel, 'name' | 'description'>>,
): Promise<void> {
  await db.role.update({ where: { id }, data: changes });
}

/** With all that is held of them. Whoever gives one of them at this moment must have been waited for: lock them first. */
export async function removeRoles(db: Db, roleIds: readonly string[]): Promise<void> {
  // In the order in which others lock what is held; the cascade would take its own.
  await db.$executeRaw`
    SELECT 1 FROM users.staff_roles WHERE role_id = ANY(${roleIds}::uuid[])
    ORDER BY user_id, group_id, role_id FOR UPDATE`;
  await db.$executeRaw`
    SELECT 1 FROM users.user_roles WHERE role_id = ANY(${roleIds}::uuid[]) ORDER BY user_id, role_id FOR UPDATE`;
  await db.$executeRaw`DELETE FROM users.roles WHERE id = ANY(${roleIds}::uuid[])`;
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

export async function takePermissions(
  db: Db,
  roleIds: readonly string[],
  permissions: readonly string[],
): Promise<void> {
  await db.$executeRaw`
    UPDATE users.roles SET updated_at = now(), permissions =
      ARRAY(SELECT name COLLATE "C" FROM unnest(permissions) AS name WHERE name <> ALL(${permissions}::text[]) ORDER BY 1)
    WHERE id = ANY(${roleIds}::uuid[])`;
}

export interface HeldByUser {
  readonly userId: string;
  readonly roleId: string;
}

/** Gives each user each of the global roles; what was new. */
export function insertUserRoles(db: Db, userIds: readonly string[], roleIds: readonly string[]): Promise<HeldByUser[]> {
  return db.$queryRaw`
    INSERT INTO users.user_roles (user_id, role_id, updated_at)
    SELECT u, r, now() FROM unnest(${userIds}::uuid[]) u CROSS JOIN unnest(${roleIds}::uuid[]) r ORDER BY u, r
    ON CONFLICT DO NOTHING RETURNING user_id::text AS "userId", role_id::text AS "roleId"`;
}

/** Takes the global roles from the users; what there was. */
export function deleteUserRoles(db: Db, userIds: readonly string[], roleIds: readonly string[]): Promise<HeldByUser[]> {
  return db.$queryRaw`
    WITH held AS (
      SELECT user_id, role_id FROM users.user_roles
      WHERE user_id = ANY(${userIds}::uuid[]) AND role_id = ANY(${roleIds}::uuid[])
      ORDER BY user_id, role_id FOR UPDATE
    )
    DELETE FROM users.user_roles gone USING held
    WHERE gone.user_id = held.user_id AND gone.role_id = held.role_id
    RETURNING gone.user_id::text AS "userId", gone.role_id::text AS "roleId"`;
}
