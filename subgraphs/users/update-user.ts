// Changes the contact details of an account; what is left out stays. The e-mail address has an operation of its own.
import { invalidInput } from '../../platform/errors.ts';
import { requireLanguage, requireName, requirePhoneNumber, requireTimeZone } from './account-input.ts';
import { changeDetails } from './change-details.ts';
import { requireAccount } from './require-account.ts';
import type { UserDetails, UsersDatabase } from './store.ts';
import type { Viewer } from './visible.ts';

type Detail = Exclude<keyof UserDetails, 'profileImage'>;

export type UpdateUserInput = { readonly userId: string } & { readonly [Name in Detail]?: string | null };

const checks: Readonly<Record<Detail, (value: string, field: string) => string>> = {
  firstName: requireName,
  lastName: requireName,
  phoneNumber: requirePhoneNumber,
  language: requireLanguage,
  timeZone: requireTimeZone,
};
const clearable: ReadonlySet<Detail> = new Set(['phoneNumber', 'timeZone']);

/** The id of the user. */
export async function updateUser(database: UsersDatabase, viewer: Viewer, input: UpdateUserInput): Promise<string> {
  const names = Object.keys(checks) as Detail[];
  const given = names.flatMap((name) => (input[name] === undefined ? [] : [[name, checked(name, input[name])]]));
  const userId = await requireAccount(database, viewer, { userId: input.userId, permission: 'UPDATE_USER' });
  await changeDetails(database, userId, Object.fromEntries(given));
  return userId;
}

function checked(name: Detail, value: string | null): string | null {
  const field = `input.${name}`;
  if (value !== null) return checks[name](value, field);
  if (clearable.has(name)) return null;
  throw invalidInput(field, 'this cannot be cleared; leave it out to keep it.');
}
