// Signs in over the API itself with an e-mail address and a password. Whether they fit is for the service `users` to say.
import { AppError } from '../../../platform/errors.ts';
import { requireText } from '../../../platform/text.ts';
import type { AuthParts } from '../auth-parts.ts';
import { requireSecondFactor } from '../mfa/require-second-factor.ts';
import { apiLifetimes, newTokens } from '../tokens.ts';
import type { Authentication } from '../users-service.ts';
import { type SignedIn, startSession } from './start-session.ts';

export interface LoginInput {
  readonly email: string;
  readonly password: string;
}

/** Generous, so that no password that was ever allowed is refused; it keeps the hash from working on megabytes. */
const limits = { least: 1, most: 1_000 };

/**
 * INVALID_CREDENTIALS for an unknown address as for a wrong password; MFA_REQUIRED when a second factor is needed.
 * `now` is in epoch milliseconds.
 */
export async function login(parts: AuthParts, input: LoginInput, now: number): Promise<SignedIn> {
  const authentication = await checkPassword(parts, input);
  await requireSecondFactor(parts, { authentication, applicationId: null, now });
  const tokens = newTokens(apiLifetimes(parts.config), now);
  return parts.database.write((tx) =>
    startSession(tx, { authentication, kind: 'PASSWORD', application: null }, tokens),
  );
}

/** Who has this address and this password, or INVALID_CREDENTIALS. */
export async function checkPassword({ users }: Pick<AuthParts, 'users'>, input: LoginInput): Promise<Authentication> {
  const email = requireText(input.email, 'input.email', limits);
  const password = requireText(input.password, 'input.password', limits);
  const authentication = await users.authenticate(email, password);
  if (authentication === null) throw new AppError('INVALID_CREDENTIALS', undefined, { code: 106 });
  return authentication;
}
