// Deletes an application with all that is its own: versions, sessions, tokens and codes.
import { notFound } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import type { AuthDatabase } from '../auth-parts.ts';
import { findSessionsOf } from '../sessions/store.ts';
import { deleteApplicationRow, lockApplication } from './store.ts';

/** The id that it had. */
export async function deleteApplication(database: AuthDatabase, applicationId: string): Promise<string> {
  const id = requireId(applicationId, 'input.applicationId');
  await database.write(async (tx) => {
    // Sign-ins that are under way hold the application: this waits for them, and then ends their sessions, too.
    if ((await lockApplication(tx.db, id)) === null) throw notFound('Application', 'input.applicationId');
    const sessions = await findSessionsOf(tx.db, { applicationId: id });
    await deleteApplicationRow(tx.db, id);
    tx.publish({ type: 'application_deleted', content: { applicationId: id } });
    for (const { id: sessionId, userId } of sessions) {
      tx.publish({ type: 'session_ended', content: { userId, sessionId } });
    }
    tx.bumpAccess(sessions.map(({ userId }) => userId));
  });
  return id;
}
