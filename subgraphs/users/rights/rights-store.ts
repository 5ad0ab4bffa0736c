// What users may do and where, out of roles and enlistments, in rows that can be compared.
import type { Db } from '../store.ts';

export interface HeldRights {
  readonly userId: string;
  /** Null: everywhere. */
  readonly groupId: string | null;
  readonly kind: 'permissions' | 'relations';
  readonly names: readonly string[];
}

/** What may be different afterwards. */
export interface RightsScope {
  readonly userIds: readonly string[];
  /** Rights that hold everywhere are always read. */
  readonly groupIds: readonly string[];
  /** All unless told. */
  readonly permissions?: readonly string[];
}

export function findHeldRights(db: Db, { userIds, groupIds, permissions }: RightsScope): Promise<HeldRights[]> {
  const every = permissions === undefined;
  return db.$queryRaw`
    WITH held AS (
      SELECT h.user_id, NULL::uuid AS group_id, r.permissions FROM users.user_roles h
      JOIN users.roles r ON r.id = h.role_id AND r.group_id IS NULL
      WHERE h.user_id = ANY(${userIds}::uuid[])
      UNION ALL
      SELECT h.user_id, h.group_id, r.permissions FROM users.staff_roles h
      JOIN users.roles r ON r.id = h.role_id AND r.group_id = h.group_id
      WHERE h.user_id = ANY(${userIds}::uuid[]) AND h.group_id = ANY(${groupIds}::uuid[])
    ), tied AS (
      SELECT user_id, group_id, 'staff' AS name FROM users.staff_enlistments
      WHERE user_id = ANY(${userIds}::uuid[]) AND group_id = ANY(${groupIds}::uuid[])
      UNION ALL
      SELECT user_id, group_id, 'patient' FROM users.patient_enlistments
      WHERE user_id = ANY(${userIds}::uuid[]) AND group_id = ANY(${groupIds}::uuid[]) AND ended_at IS NULL
    )
    SELECT user_id::text AS "userId", group_id::text AS "groupId", 'permissions' AS kind,
      array_agg(DISTINCT name) AS names
    FROM held CROSS JOIN unnest(held.permissions) AS name
    WHERE ${every} OR name = ANY(${permissions ?? []}::text[])
    GROUP BY user_id, group_id
    UNION ALL
    SELECT user_id::text, group_id::text, 'relations', array_agg(name) FROM tied GROUP BY user_id, group_id`;
}
