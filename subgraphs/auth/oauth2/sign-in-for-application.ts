// A user proves to be that user, by password, to an application: what the password grant and the consent page share.
import { AppError } from '../../../platform/errors.ts';
import type { AuthParts } from '../auth-parts.ts';
import { requireSecondFactor } from '../mfa/require-second-factor.ts';
import type { Authentication } from '../users-service.ts';
import type { OAuth2Client } from './authenticate-client.ts';

export interface PasswordSignIn {
  readonly client: OAuth2Client;
  readonly email: string;
  readonly password: string;
}

/**
 * INVALID_CREDENTIALS for an unknown address as for a wrong password; MFA_REQUIRED, with a challenge that this
 * application alone can answer, when a second factor is needed. `now` is in epoch milliseconds.
 */
export async function signInForApplication(
  parts: AuthParts,
  { client: { applicationId }, email, password }: PasswordSignIn,
  now: number,
): Promise<Authentication> {
  const authentication = await parts.users.authenticate(email, password);
  if (authentication === null) throw new AppError('INVALID_CREDENTIALS', undefined, { code: 106 });
  await requireSecondFactor(parts, { authentication, applicationId, now });
  return authentication;
}
