// Checks an e-mail address and a password. Says nothing of why they do not fit, neither in words nor in time.
import { isStorable } from '../../platform/text.ts';
import { verifyPassword } from './passwords.ts';
import type { UsersDatabase } from './store.ts';
import { findCredentials } from './store.ts';

/** The id of the user, or null. */
export async function authenticate(database: UsersDatabase, email: string, password: string): Promise<string | null> {
  const known = isStorable(email) ? await findCredentials(database.db, email.toLowerCase()) : null;
  return (await verifyPassword(known?.passwordHash, password)) ? (known?.id ?? null) : null;
}
