// Changes the password of somebody who knows the old one. Sessions go on: only a reset ends them.
import { AppError } from '../../../platform/errors.ts';
import { readSettings } from '../settings/user-settings.ts';
import { checkPassword, type PasswordParts } from './check-password.ts';
import { requireGivenPassword } from './given-password.ts';
import { requirePassword } from './password-policy.ts';
import { hashPassword } from './passwords.ts';
import { updatePassword } from './store.ts';

export interface ChangePasswordInput {
  readonly oldPassword: string;
  readonly newPassword: string;
}

/** OLD_PASSWORD_WRONG counts like a failed sign-in; for the other refusals see checkPassword. */
export async function changePassword(
  parts: PasswordParts,
  { userId, now }: { readonly userId: string; readonly now: number },
  input: ChangePasswordInput,
): Promise<void> {
  const password = requireGivenPassword(input.oldPassword, 'input.oldPassword');
  const { passwordPolicy } = await readSettings(parts.database.db);
  const newPassword = requirePassword(passwordPolicy, input.newPassword, 'input.newPassword');
  const changed = await checkPassword(parts, {
    of: { userId },
    password,
    now,
    async whenRight() {
      const passwordHash = await hashPassword(newPassword);
      return async (tx) => {
        await updatePassword(tx.db, userId, passwordHash);
        tx.publish({ type: 'password_update_completed', content: { userId } });
      };
    },
  });
  if (changed === null) {
    const field = 'input.oldPassword';
    throw new AppError('OLD_PASSWORD_WRONG', `${field}: the old password is wrong.`, { field, code: 208 });
  }
}
