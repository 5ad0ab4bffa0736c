// Enlistments and the roles that staff hold in them: reads rows and writes them, and decides nothing. Changes run inside
// a transaction, and lock in the order that roles/store.ts tells.
import type { Prisma } from '../../../generated/prisma/client.ts';
import type { Where } from '../../../platform/access/condition-where.ts';
import type { PatientEnlistmentModel, StaffEnlistmentModel } from '../models.ts';
import type { Db } from '../store.ts';

const byAge = [{ createdAt: 'asc' as const }, { groupId: 'asc' as const }];

export function findStaffEnlistments(db: Db, where: Where): Promise<StaffEnlistmentModel[]> {
  return db.staffEnlistment.findMany({ where: where as Prisma.StaffEnlistmentWhereInput, orderBy: byAge });
}

export function findPatientEnlistments(db: Db, where: Where): Promise<PatientEnlistmentModel[]> {
  return db.patientEnlistment.findMany({ where: where as Prisma.PatientEnlistmentWhereInput, orderBy: byAge });
}

export interface EnlistmentKey {
  readonly userId: string;
  readonly groupId: string;
}

export interface HeldByStaff extends EnlistmentKey {
  readonly roleId: string;
}

/** Makes each user staff of each group; what was new. Who is staff already cannot be removed until the transaction ends. */
export async function insertStaff(
  db: Db,
  userIds: readonly string[],
  groupIds: readonly string[],
): Promise<EnlistmentKey[]> {
  const rows = await db.$queryRaw<(EnlistmentKey & { isNew: boolean })[]>`
    INSERT INTO users.staff_enlistments AS known (user_id, group_id, updated_at)
    SELECT u, g, now() FROM unnest(${userIds}::uuid[]) u CROSS JOIN unnest(${groupIds}::uuid[]) g ORDER BY u, g
    ON CONFLICT (user_id, group_id) DO UPDATE SET updated_at = known.updated_at
    RETURNING user_id::text AS "userId", group_id::text AS "groupId", (xmax = 0) AS "isNew"`;
  return rows.flatMap(({ isNew, ...key }) => (isNew ? [key] : []));
}

/** Keeps those of the users who are staff of the group from being removed until the transaction ends; their ids. */
export async function lockStaff(db: Db, groupId: string, userIds: readonly string[]): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ userId: string }[]>`
    SELECT user_id::text AS "userId" FROM users.staff_enlistments
    WHERE group_id = ${groupId}::uuid AND user_id = ANY(${userIds}::uuid[]) ORDER BY user_id FOR KEY SHARE`;
  return new Set(rows.map(({ userId }) => userId));
}

/** Gives each user, staff already, each role in the role's own group; what was new. */
export function insertStaffRoles(
  db: Db,
  userIds: readonly string[],
  roleIds: readonly string[],
): Promise<HeldByStaff[]> {
  return db.$queryRaw`
    INSERT INTO users.staff_roles (user_id, group_id, role_id, updated_at)
    SELECT u, r.group_id, r.id, now() FROM unnest(${userIds}::uuid[]) u CROSS JOIN users.roles r
    WHERE r.id = ANY(${roleIds}::uuid[]) AND r.group_id IS NOT NULL ORDER BY u, r.group_id, r.id
    ON CONFLICT DO NOTHING
    RETURNING user_id::text AS "userId", group_id::text AS "groupId", role_id::text AS "roleId"`;
}

/** Takes the roles from the users; what there was. */
export function deleteStaffRoles(
  db: Db,
  userIds: readonly string[],
  roleIds: readonly string[],
): Promise<HeldByStaff[]> {
  return db.$queryRaw`
    WITH held AS (
      SELECT user_id, group_id, role_id FROM users.staff_roles
      WHERE user_id = ANY(${userIds}::uuid[]) AND role_id = ANY(${roleIds}::uuid[])
      ORDER BY user_id, group_id, role_id FOR UPDATE
    )
    DELETE FROM users.staff_roles gone USING held
    WHERE gone.user_id = held.user_id AND gone.group_id = held.group_id AND gone.role_id = held.role_id
    RETURNING gone.user_id::text AS "userId", gone.group_id::text AS "groupId", gone.role_id::text AS "roleId"`;
}

/** Ends staff enlistments, with the roles held in them; what there was. */
export async function deleteStaff(
  db: Db,
  userIds: readonly string[],
  groupIds: readonly string[],
): Promise<EnlistmentKey[]> {
  await db.$executeRaw`
    SELECT 1 FROM users.staff_enlistments
    WHERE user_id = ANY(${userIds}::uuid[]) AND group_id = ANY(${groupIds}::uuid[])
    ORDER BY user_id, group_id FOR UPDATE`;
  await db.$executeRaw`
    SELECT 1 FROM users.staff_roles WHERE user_id = ANY(${userIds}::uuid[]) AND group_id = ANY(${groupIds}::uuid[])
    ORDER BY user_id, group_id, role_id FOR UPDATE`;
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

/** Users with enlistments as patients that have expired by then, and of which nothing was told yet. */
export async function findExpiredPatients(db: Db, now: Date, most: number): Promise<string[]> {
  const rows = await db.$queryRaw<{ userId: string }[]>`
    SELECT DISTINCT user_id::text AS "userId" FROM users.patient_enlistments
    WHERE ended_at IS NULL AND expires_at <= ${now.toISOString()}::timestamptz LIMIT ${most}`;
  return rows.map(({ userId }) => userId);
}

/** Marks those that have expired by then, once; which they are. */
export function endExpiredPatients(db: Db, userIds: readonly string[], now: Date): Promise<EnlistmentKey[]> {
  const at = now.toISOString();
  return db.$queryRaw`
    UPDATE users.patient_enlistments SET ended_at = ${at}::timestamptz, updated_at = ${at}::timestamptz
    WHERE user_id = ANY(${userIds}::uuid[]) AND ended_at IS NULL AND expires_at <= ${at}::timestamptz
    RETURNING user_id::text AS "userId", group_id::text AS "groupId"`;
}

/** The groups where these users are or were patients. */
export async function findPatientGroupIds(db: Db, userIds: readonly string[]): Promise<string[]> {
  const rows = await db.$queryRaw<{ groupId: string }[]>`
    SELECT DISTINCT group_id::text AS "groupId" FROM users.patient_enlistments WHERE user_id = ANY(${userIds}::uuid[])`;
  return rows.map(({ groupId }) => groupId);
}

/** Whether there was one. */
export async function deletePatient(db: Db, { userId, groupId }: EnlistmentKey): Promise<boolean> {
  return (await db.patientEnlistment.deleteMany({ where: { userId, groupId } })).count === 1;
}
