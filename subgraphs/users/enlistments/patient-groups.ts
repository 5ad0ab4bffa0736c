// The groups where users are or were patients, for services that keep something in line with them.
import { isIn } from '../../../platform/access/condition.ts';
import { toWhere } from '../../../platform/access/condition-where.ts';
import { requireIds } from '../../../platform/ids.ts';
import type { PatientGroupsModel } from '../models.ts';
import type { UsersDatabase } from '../store.ts';
import { findUserIds } from '../store.ts';
import { findPatientEnlistments } from './store.ts';

const mostUsers = 1_000;

/** Users that do not exist are left out; enlistments that have ended are not. */
export async function findPatientGroups(
  { db }: UsersDatabase,
  userIds: readonly string[],
): Promise<PatientGroupsModel[]> {
  const ids = requireIds(userIds, 'userIds', mostUsers);
  // Users first: one who is gone in between has no groups left.
  const existing = await findUserIds(db, ids);
  const groups = new Map<string, { groupId: string; expiresAt: Date | null }[]>([...existing].map((id) => [id, []]));
  for (const { userId, groupId, expiresAt } of await findPatientEnlistments(db, toWhere(isIn('userId', ids)))) {
    groups.get(userId)?.push({ groupId, expiresAt });
  }
  return [...groups].map(([userId, ofUser]) => ({ userId, groups: ofUser }));
}
