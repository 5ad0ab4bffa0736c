// What a user may do and where, for whoever authenticates requests.
import type { Database } from '../../platform/database/database.ts';
import { requireId } from '../../platform/ids.ts';
import { findIdentity } from './identity-store.ts';
import type { UserIdentityModel } from './models.ts';
import type { UsersDatabase } from './store.ts';

/**
 * Null when there is no such user. Patient enlistments that have expired are part of it: whoever decides does so at
 * their own time.
 */
export async function readIdentity(
  database: UsersDatabase,
  versions: Pick<Database, 'accessVersions'>,
  userId: string,
): Promise<UserIdentityModel | null> {
  const id = requireId(userId, 'userId');
  // Before the rest: a change in between makes the answer newer than its version, which costs one more reading. The
  // other way round, the old rights would be kept under the new version.
  const [version = '0'] = await versions.accessVersions([id]);
  const found = await findIdentity(database.db, id);
  if (found === null) return null;
  const patient = found.patient.map(({ groupId, expiresAt }) => ({
    groupId,
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
  }));
  const { credentialVersion, permissions, staff } = found;
  return { userId: id, version, credentialVersion, permissions, staff, patient };
}
