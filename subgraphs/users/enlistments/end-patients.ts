// Tells that enlistments of patients have expired. They stay, and are shown as expired, until somebody removes them: what
// ends by itself is only what they allow, so that whoever follows something live must be told.
import { changingRights } from '../rights/changing-rights.ts';
import type { UsersDatabase } from '../store.ts';
import { endExpiredPatients, findExpiredPatients, findPatientGroupIds } from './store.ts';

/** Few enough for a short transaction. */
const usersAtOnce = 500;

/** Each of them once, however often and in however many processes this runs. `now` is in epoch milliseconds. */
export async function endPatients(database: UsersDatabase, now: number): Promise<void> {
  const at = new Date(now);
  for (;;) {
    const userIds = await findExpiredPatients(database.db, at, usersAtOnce);
    if (userIds.length === 0) return;
    await database.write(async (tx) => {
      const groupIds = await findPatientGroupIds(tx.db, userIds);
      await changingRights(tx, { userIds, groupIds }, async () => {
        for (const content of await endExpiredPatients(tx.db, userIds, at)) {
          tx.publish({ type: 'patient_enlistment_expired', content: { ...content } });
          tx.bumpAccess([content.userId]);
        }
      });
    });
  }
}
