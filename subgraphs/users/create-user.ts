// Creates an account for somebody. It starts without any right.
import { AppError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { requireText } from '../../platform/text.ts';
import { requireEmail, requireLanguage } from './account-input.ts';
import type { UserModel } from './models.ts';
import { requirePassword } from './password-policy.ts';
import { hashPassword } from './passwords.ts';
import type { UsersDatabase } from './store.ts';
import { insertUser } from './store.ts';

export interface CreateUserInput {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly password: string;
  /** `EN` unless told. */
  readonly language?: string;
  readonly phoneNumber?: string | null;
}

/** ALREADY_EXISTS when another account has the address. */
export async function createUser(database: UsersDatabase, input: CreateUserInput): Promise<UserModel> {
  const name = { least: 1, most: 100 };
  const account = {
    id: newId(),
    email: requireEmail(input.email, 'input.email'),
    firstName: requireText(input.firstName, 'input.firstName', name),
    lastName: requireText(input.lastName, 'input.lastName', name),
    language: requireLanguage(input.language ?? 'EN', 'input.language'),
    phoneNumber: requireText(input.phoneNumber ?? '', 'input.phoneNumber', { most: 50 }) || null,
  };
  const passwordHash = await hashPassword(requirePassword(input.password, 'input.password'));
  return database.write(async (tx) => {
    const user = await insertUser(tx.db, { ...account, passwordHash });
    if (user === null) {
      const details = { field: 'input.email', code: 203 };
      throw new AppError('ALREADY_EXISTS', 'input.email: another account has this address.', details);
    }
    tx.publish({ type: 'user_created', content: { userId: user.id } });
    return user;
  });
}
