// Creates an account for oneself.
import { requireEmail, requireLanguage, requireName, requirePhoneNumber, requireTimeZone } from '../account-input.ts';
import type { UserModel } from '../models.ts';
import type { UsersDatabase } from '../store.ts';
import { createAccount } from './create-account.ts';
import type { ActivationMode } from './verification-rules.ts';

export interface RegisterUserInput {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly password: string;
  readonly phoneNumber: string;
  readonly language: string;
  readonly timeZone?: string | null;
  readonly activationMode: ActivationMode;
}

/**
 * The row itself: who is not signed in sees nobody, and has written all that it holds. Errors as createAccount has them.
 * `now` is in epoch milliseconds.
 */
export async function registerUser(database: UsersDatabase, input: RegisterUserInput, now: number): Promise<UserModel> {
  const account = {
    email: requireEmail(input.email, 'input.email'),
    firstName: requireName(input.firstName, 'input.firstName'),
    lastName: requireName(input.lastName, 'input.lastName'),
    phoneNumber: requirePhoneNumber(input.phoneNumber, 'input.phoneNumber'),
    language: requireLanguage(input.language, 'input.language'),
    timeZone: input.timeZone == null ? null : requireTimeZone(input.timeZone, 'input.timeZone'),
  };
  const { password, activationMode } = input;
  return createAccount(database, { account, password, activationMode, now });
}
