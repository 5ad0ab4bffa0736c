// Checks an e-mail address and a password. Says nothing of why they do not fit, neither in words nor in time.
import { type Authentication, checkPassword, type PasswordParts } from './check-password.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** Null when they do not fit; for the refusals see checkPassword. */
export function authenticate(
  parts: PasswordParts,
  { email, password }: Credentials,
  now: number,
): Promise<Authentication | null> {
  return checkPassword(parts, { of: { email }, password, now });
}
