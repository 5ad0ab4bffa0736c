// A new account, whoever makes it: without any right, and with the mail that asks to confirm its address.
import { AppError } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import type { UserModel } from '../models.ts';
import { readSettings } from '../settings/user-settings.ts';
import { requirePassword } from '../sign-in/password-policy.ts';
import { hashPassword } from '../sign-in/passwords.ts';
import type { NewUser, UsersDatabase, UsersTransaction } from '../store.ts';
import { insertUser } from '../store.ts';
import { openActivation } from './open-activation.ts';
import { type ActivationMode, requireMode } from './verification-rules.ts';

export interface NewAccount {
  /** Checked. */
  readonly account: Pick<NewUser, 'email' | 'firstName' | 'lastName' | 'language' | 'phoneNumber' | 'timeZone'>;
  /** As it was given. */
  readonly password: string;
  readonly activationMode: ActivationMode;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** PIN_CODES_NOT_ENABLED, BAD_USER_INPUT for the password, ALREADY_EXISTS when another account has the address. */
export async function createAccount(
  database: UsersDatabase,
  { account, password, activationMode: mode, now }: NewAccount,
): Promise<UserModel> {
  const settings = await readSettings(database.db);
  requireMode(settings, 'activation', { mode, field: 'input.activationMode' });
  const passwordHash = await hashPassword(requirePassword(settings.passwordPolicy, password, 'input.password'));
  return database.write(async (tx) => {
    const user = await insertAccount(tx, { id: newId(), ...account, passwordHash });
    if (user === null) throw addressTaken();
    await openActivation(tx, { userId: user.id, occasion: 'ACTIVATION', mode, settings, now });
    return user;
  });
}

/** Null when another account has the address. */
export async function insertAccount(tx: UsersTransaction, account: NewUser): Promise<UserModel | null> {
  const user = await insertUser(tx.db, account);
  if (user !== null) tx.publish({ type: 'user_created', content: { userId: user.id } });
  return user;
}

export function addressTaken(): AppError {
  const details = { field: 'input.email', code: 203 };
  return new AppError('ALREADY_EXISTS', 'input.email: another account has this address.', details);
}
