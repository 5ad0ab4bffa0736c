// Finishes a sign-in over the API itself with the second factor.
import type { AuthParts } from '../auth-parts.ts';
import { type SignedIn, startSession } from '../sessions/start-session.ts';
import { apiLifetimes, newTokens } from '../tokens.ts';
import type { ProofInput } from './proof.ts';
import { redeemChallenge } from './redeem-challenge.ts';

export interface LoginWithMfaInput extends ProofInput {
  readonly token: string;
  readonly methodId: string;
}

/** Refusals are those of `redeemChallenge`. `now` is in epoch milliseconds. */
export async function loginWithMfa(parts: AuthParts, input: LoginWithMfaInput, now: number): Promise<SignedIn> {
  const authentication = await redeemChallenge(parts, { ...input, applicationId: null, now });
  const tokens = newTokens(apiLifetimes(parts.config), now);
  return parts.database.write((tx) =>
    startSession(tx, { authentication, kind: 'PASSWORD', application: null }, tokens),
  );
}
