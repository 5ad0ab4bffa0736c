// What a new password must look like. Passwords that are stored already stay valid whatever the policy becomes.
import { invalidInput } from '../../platform/errors.ts';

const least = 8;
const most = 128;

const rules: readonly { readonly holds: (password: string) => boolean; readonly says: string }[] = [
  { holds: (password) => password.length >= least, says: `a password has at least ${least} characters.` },
  { holds: (password) => password.length <= most, says: `a password has at most ${most} characters.` },
  { holds: (password) => !/\s/u.test(password), says: 'a password has no white space.' },
  { holds: (password) => /[A-Z]/.test(password), says: 'a password has at least one capital letter (A to Z).' },
  { holds: (password) => /[a-z]/.test(password), says: 'a password has at least one small letter (a to z).' },
  { holds: (password) => /[0-9]/.test(password), says: 'a password has at least one digit.' },
];

/** The password as it was given, or BAD_USER_INPUT naming the first rule that it breaks. */
export function requirePassword(password: string, field: string): string {
  const broken = rules.find(({ holds }) => !holds(password));
  if (broken !== undefined) throw invalidInput(field, broken.says);
  return password;
}
