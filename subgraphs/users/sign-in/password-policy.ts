// What a new password must look like. Passwords that are stored already stay valid whatever the policy becomes.
import { invalidInput } from '../../../platform/errors.ts';
import { isStorable } from '../../../platform/text.ts';
import type { PasswordPolicy } from '../settings/user-settings.ts';

interface Rule {
  /** As the error's details name it: the setting, where there is one. */
  readonly name: keyof PasswordPolicy | 'whiteSpace' | 'storable';
  /** Whether the password keeps it, as far as the policy asks for it. */
  keeps(password: string, policy: PasswordPolicy): boolean;
  says(policy: PasswordPolicy): string;
}

const symbol = /[~@#$%^&*(){}[\]_<>\-+=|\\/:;"'`,.?!]/;

const rules: readonly Rule[] = [
  {
    name: 'minimumLength',
    keeps: (password, { minimumLength }) => password.length >= minimumLength,
    says: ({ minimumLength }) => `a password has at least ${minimumLength} characters.`,
  },
  {
    name: 'maximumLength',
    keeps: (password, { maximumLength }) => password.length <= maximumLength,
    says: ({ maximumLength }) => `a password has at most ${maximumLength} characters.`,
  },
  {
    name: 'whiteSpace',
    keeps: (password) => !/\s/u.test(password),
    says: () => 'a password has no white space.',
  },
  {
    name: 'storable',
    keeps: isStorable,
    says: () => 'it holds a character that cannot be stored.',
  },
  {
    name: 'upperCaseRequired',
    keeps: (password, { upperCaseRequired }) => !upperCaseRequired || /[A-Z]/.test(password),
    says: () => 'a password has at least one capital letter (A to Z).',
  },
  {
    name: 'lowerCaseRequired',
    keeps: (password, { lowerCaseRequired }) => !lowerCaseRequired || /[a-z]/.test(password),
    says: () => 'a password has at least one small letter (a to z).',
  },
  {
    name: 'numberRequired',
    keeps: (password, { numberRequired }) => !numberRequired || /[0-9]/.test(password),
    says: () => 'a password has at least one digit.',
  },
  {
    name: 'symbolRequired',
    keeps: (password, { symbolRequired }) => !symbolRequired || symbol.test(password),
    says: () => 'a password has at least one symbol, such as ! or #.',
  },
];

/** The password as it was given, or BAD_USER_INPUT naming the field and, in `details.rule`, the first rule broken. */
export function requirePassword(policy: PasswordPolicy, password: string, field: string): string {
  const broken = rules.find((rule) => !rule.keeps(password, policy));
  if (broken !== undefined) throw invalidInput(field, broken.says(policy), { rule: broken.name });
  return password;
}
