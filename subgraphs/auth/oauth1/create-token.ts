// Signs a user in for an OAuth 1 application, with an e-mail address and a password, and a second factor where one is
// asked for.
import type { Identity } from '../../../platform/identity/identity.ts';
import type { AuthParts } from '../auth-parts.ts';
import { redeemChallenge } from '../mfa/redeem-challenge.ts';
import { requireSecondFactor } from '../mfa/require-second-factor.ts';
import { checkPassword, type LoginInput } from '../sessions/login.ts';
import { type OpenedToken, openToken } from './open-token.ts';
import { requireConsumer } from './require-consumer.ts';

export interface Calling {
  readonly identity: Identity;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** INVALID_CREDENTIALS, MFA_REQUIRED, and what `users` throws at who has failed too often. */
export async function createToken(
  parts: AuthParts,
  { identity, now }: Calling,
  input: LoginInput,
): Promise<OpenedToken> {
  const applicationId = requireConsumer(identity);
  const authentication = await checkPassword(parts, input);
  await requireSecondFactor(parts, { authentication, applicationId, now });
  return parts.database.write((tx) => openToken(parts, tx, { authentication, applicationId, kind: 'OAUTH1' }));
}

export interface LoginWithMfaInput {
  readonly token: string;
  readonly methodId: string;
  readonly code?: string | null;
  readonly credential?: unknown;
}

/** Errors as redeemChallenge has them. */
export async function createTokenWithMfa(
  parts: AuthParts,
  { identity, now }: Calling,
  input: LoginWithMfaInput,
): Promise<OpenedToken> {
  const applicationId = requireConsumer(identity);
  const authentication = await redeemChallenge(parts, { ...input, applicationId, now });
  return parts.database.write((tx) => openToken(parts, tx, { authentication, applicationId, kind: 'OAUTH1' }));
}
