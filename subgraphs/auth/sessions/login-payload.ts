// What a client gets of a new session.

import type { Context } from '../../../platform/subgraph/context.ts';
import type { AuthParts } from '../auth-parts.ts';
import type { LoginPayloadModel } from '../models.ts';
import type { SignedIn } from './start-session.ts';

/** From here on the request is the user's: what else it asks, it asks as who has just signed in. */
export function loginPayload(
  { config }: AuthParts,
  { userId, credentialVersion, tokens }: SignedIn,
  { signIn }: Context,
): LoginPayloadModel {
  signIn({ userId, credentialVersion });
  return {
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken,
    expiresIn: config.accessTokenSeconds,
    user: { id: userId },
  };
}
