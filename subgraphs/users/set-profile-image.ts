// Sets and clears the profile image of an account: the hash of an image that the application keeps.
import { requireText } from '../../platform/text.ts';
import { changeDetails } from './change-details.ts';
import { requireAccount } from './require-account.ts';
import type { UsersDatabase } from './store.ts';
import type { Viewer } from './visible.ts';

const permission = 'UPDATE_PROFILE_IMAGE';

/** The id of the user. */
export async function setProfileImage(
  database: UsersDatabase,
  viewer: Viewer,
  input: { readonly userId: string; readonly hash: string },
): Promise<string> {
  const profileImage = requireText(input.hash, 'input.hash', { least: 1, most: 256 });
  const userId = await requireAccount(database, viewer, { userId: input.userId, permission });
  await changeDetails(database, userId, { profileImage });
  return userId;
}

/** The id of the user. */
export async function deleteProfileImage(
  database: UsersDatabase,
  viewer: Viewer,
  input: { readonly userId: string },
): Promise<string> {
  const userId = await requireAccount(database, viewer, { userId: input.userId, permission });
  await changeDetails(database, userId, { profileImage: null });
  return userId;
}
