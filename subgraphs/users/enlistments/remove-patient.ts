// Ends a patient enlistment. Patients may withdraw themselves.
import { holdsIn } from '../../../platform/access/scope.ts';
import { forbidden, notFound } from '../../../platform/errors.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { requireId } from '../../../platform/ids.ts';
import { changingRights } from '../rights/changing-rights.ts';
import type { UsersDatabase } from '../store.ts';
import { deletePatient } from './store.ts';

export interface RemovePatientInput {
  readonly userId: string;
  readonly groupId: string;
}

/** The id of the user. FORBIDDEN comes before looking, so that nobody finds out who is a patient of a group. */
export async function removePatient(
  database: UsersDatabase,
  identity: Identity,
  input: RemovePatientInput,
): Promise<string> {
  const userId = requireId(input.userId, 'input.userId');
  const groupId = requireId(input.groupId, 'input.groupId');
  if (identity.userId !== userId && !holdsIn(identity, groupId, 'REMOVE_PATIENT')) {
    throw forbidden('REMOVE_PATIENT', 'everywhere or in this group');
  }
  await database.write(async (tx) => {
    await changingRights(tx, { userIds: [userId], groupIds: [groupId] }, async () => {
      if (!(await deletePatient(tx.db, { userId, groupId }))) throw notFound('Patient enlistment');
      tx.publish({ type: 'patient_enlistment_removed', content: { userId, groupId } });
    });
    tx.bumpAccess([userId]);
  });
  return userId;
}
