// Reads what a user may do and where, out of roles and enlistments, in one statement.
import type { Db } from './store.ts';

interface RawIdentity {
  readonly credentialVersion: number;
  readonly permissions: string[];
  readonly staff: { groupId: string; permissions: string[] }[];
  /** Epoch milliseconds. */
  readonly patient: { groupId: string; expiresAt: number | null }[];
}

/** One statement, because the gateway reads an identity whenever a user's access has changed. Null: no such user. */
export async function findIdentity(db: Db, userId: string): Promise<RawIdentity | null> {
  const rows = await db.$queryRaw<RawIdentity[]>`
    SELECT u.credential_version AS "credentialVersion",
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
