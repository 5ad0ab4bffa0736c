// Deletes an account, with its roles, enlistments, requests and links. What the user made elsewhere is the business of
// the services that keep it: they hear of it. Also the last administrator may go; starting again makes no new one while
// there are accounts.
import { accountNotFound, requireAccount } from './require-account.ts';
import { removeUser, type UsersDatabase } from './store.ts';
import type { Viewer } from './visible.ts';

/** The id that the user had. Tokens and sessions of the user are refused as soon as this has been answered. */
export async function deleteUser(
  database: UsersDatabase,
  viewer: Viewer,
  input: { readonly userId: string },
): Promise<string> {
  const userId = await requireAccount(database, viewer, { userId: input.userId, permission: 'DELETE_USER' });
  await database.write(async (tx) => {
    if (!(await removeUser(tx.db, userId))) throw accountNotFound();
    tx.publish({ type: 'user_deleted', content: { userId } });
    tx.bumpAccess([userId]);
  });
  return userId;
}
