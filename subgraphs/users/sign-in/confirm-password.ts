// Checks the password of somebody who is signed in: for an application that wants to be sure before something delicate.
import { AppError } from '../../../platform/errors.ts';
import { checkPassword, type PasswordParts } from './check-password.ts';
import { requireGivenPassword } from './given-password.ts';

export interface ConfirmPasswordInput {
  readonly password: string;
}

/** INVALID_CREDENTIALS when it is wrong; for the other refusals see checkPassword. */
export async function confirmPassword(
  parts: PasswordParts,
  { userId, now }: { readonly userId: string; readonly now: number },
  input: ConfirmPasswordInput,
): Promise<void> {
  const field = 'input.password';
  const password = requireGivenPassword(input.password, field);
  if ((await checkPassword(parts, { of: { userId }, password, now })) === null) {
    throw new AppError('INVALID_CREDENTIALS', `${field}: the password is wrong.`, { field, code: 106 });
  }
}
