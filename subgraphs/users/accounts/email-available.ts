// Whether an address is free, and what is said where it must not be.
import { AppError } from '../../../platform/errors.ts';
import { requireEmail } from '../account-input.ts';
import type { UsersDatabase } from '../store.ts';
import { isAddressTaken } from './store.ts';

export async function isEmailAvailable({ db }: UsersDatabase, email: string): Promise<boolean> {
  return !(await isAddressTaken(db, requireEmail(email, 'email')));
}

export function emailUnknown(): AppError {
  return new AppError('EMAIL_UNKNOWN', undefined, { field: 'input.email', code: 202 });
}
