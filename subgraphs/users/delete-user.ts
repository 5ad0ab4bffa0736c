// Deletes an account, with its roles, enlistments, requests and links. What the user made elsewhere is the business of
// the services that keep it: they hear of it. Also the last administrator may go; starting again makes no new one while
// there are accounts.

import { equals } from '../../platform/access/condition.ts';
import { toWhere } from '../../platform/access/condition-where.ts';
import { findPatientEnlistments, findStaffEnlistments } from './enlistments/store.ts';
import { accountNotFound, requireAccount } from './require-account.ts';
import { type Db, lockUsers, removeUser, type UsersDatabase } from './store.ts';
import type { Viewer } from './visible.ts';

/** The id that the user had. Tokens and sessions of the user are refused as soon as this has been answered. */
export async function deleteUser(
  database: UsersDatabase,
  viewer: Viewer,
  input: { readonly userId: string },
): Promise<string> {
  const userId = await requireAccount(database, viewer, { userId: input.userId, permission: 'DELETE_USER' });
  await database.write(async (tx) => {
    const access = await findSightOf(tx.db, userId);
    if (!(await removeUser(tx.db, userId))) throw accountNotFound();
    tx.publish({ type: 'user_deleted', content: { userId }, access });
    tx.bumpAccess([userId]);
  });
  return userId;
}

/** What the rule of who sees a user reads of one who is about to go. */
async function findSightOf(db: Db, userId: string) {
  await lockUsers(db, [userId]);
  const where = toWhere(equals('userId', userId));
  const [staff, patients] = [await findStaffEnlistments(db, where), await findPatientEnlistments(db, where)];
  const keyOf = ({ groupId }: { readonly groupId: string }) => ({ userId, groupId });
  return { id: userId, staffEnlistments: staff.map(keyOf), patientEnlistments: patients.map(keyOf) };
}
