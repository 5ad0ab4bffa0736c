// Makes a user a patient of a group.
import { AppError, invalidInput, notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import { lockGroups } from '../group-store.ts';
import { changingRights } from '../rights/changing-rights.ts';
import { lockUsers, type UsersDatabase } from '../store.ts';
import { insertPatient } from './store.ts';

export interface AddPatientInput {
  readonly userId: string;
  readonly groupId: string;
  readonly expiresAt?: Date | null;
}

/**
 * The id of the user. An enlistment does not change: to extend one, end it and make a new one, also when it has expired.
 * `now` is in epoch milliseconds.
 */
export async function addPatient(database: UsersDatabase, now: number, input: AddPatientInput): Promise<string> {
  const userId = requireId(input.userId, 'input.userId');
  const groupId = requireId(input.groupId, 'input.groupId');
  const expiresAt = input.expiresAt ?? null;
  if (expiresAt !== null && expiresAt.getTime() <= now) {
    throw invalidInput('input.expiresAt', 'this must be in the future.');
  }
  await database.write(async (tx) => {
    if (!(await lockUsers(tx.db, [userId])).has(userId)) throw notFound('User', 'input.userId');
    if (!(await lockGroups(tx.db, [groupId])).has(groupId)) throw notFound('Group', 'input.groupId');
    await changingRights(tx, { userIds: [userId], groupIds: [groupId] }, async () => {
      if (!(await insertPatient(tx.db, { userId, groupId, expiresAt }))) {
        throw new AppError('ALREADY_EXISTS', 'The user is a patient of this group already.', { code: 17 });
      }
      tx.publish({ type: 'patient_enlistment_added', content: { userId, groupId } });
    });
    if (expiresAt !== null) tx.enqueue({ job: 'endPatients', data: {}, startAfter: expiresAt });
    tx.bumpAccess([userId]);
  });
  return userId;
}
