// Creates an account for somebody. It starts without any right.
import { requireText } from '../../platform/text.ts';
import { requireEmail, requireLanguage, requireName, requireTimeZone } from './account-input.ts';
import { createAccount } from './accounts/create-account.ts';
import type { ActivationMode } from './accounts/verification-rules.ts';
import type { UserModel } from './models.ts';
import type { UsersDatabase } from './store.ts';

export interface CreateUserInput {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly password: string;
  /** `EN` unless told. */
  readonly language?: string;
  readonly phoneNumber?: string | null;
  readonly timeZone?: string | null;
  /** `MANUAL` unless told: whoever creates an account for others has other ways to tell them. */
  readonly activationMode?: ActivationMode;
}

/** Errors as createAccount has them. `now` is in epoch milliseconds. */
export async function createUser(database: UsersDatabase, input: CreateUserInput, now: number): Promise<UserModel> {
  const account = {
    email: requireEmail(input.email, 'input.email'),
    firstName: requireName(input.firstName, 'input.firstName'),
    lastName: requireName(input.lastName, 'input.lastName'),
    language: requireLanguage(input.language ?? 'EN', 'input.language'),
    phoneNumber: requireText(input.phoneNumber ?? '', 'input.phoneNumber', { most: 50 }) || null,
    timeZone: input.timeZone == null ? null : requireTimeZone(input.timeZone, 'input.timeZone'),
  };
  const { password, activationMode = 'MANUAL' } = input;
  return createAccount(database, { account, password, activationMode, now });
}
