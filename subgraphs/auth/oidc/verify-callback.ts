// What a provider sent back: whether it belongs to a sign-in that was started here, and whom it names.
import { AppError } from '../../../platform/errors.ts';
import { requireText } from '../../../platform/text.ts';
import type { AuthParts } from '../auth-parts.ts';
import { hashToken } from '../tokens.ts';
import type { OidcSubject } from '../users-service.ts';
import { getEnabledProvider } from './get-enabled-provider.ts';
import { redeemCode } from './provider-client.ts';
import { type ProviderWithSecret, takeRequest } from './store.ts';

export interface Callback {
  readonly authorizationCode: string;
  readonly state: string;
}

const long = { least: 1, most: 4_096 };

/** The texts are well-formed. */
export function requireCallback({ authorizationCode, state }: Callback): Callback {
  return {
    authorizationCode: requireText(authorizationCode, 'input.authorizationCode', long),
    state: requireText(state, 'input.state', long),
  };
}

/** The provider and whom it names. OIDC_NONCE_INVALID for a state that is unknown, used or expired. */
export async function verifyCallback(
  parts: AuthParts,
  provider: ProviderWithSecret,
  { authorizationCode, state, now }: Callback & { readonly now: number },
): Promise<OidcSubject> {
  const request = await takeRequest(parts.database.db, { stateHash: hashToken(state), providerId: provider.id });
  if (request === null || request.expiresAt.getTime() <= now) {
    throw new AppError('OIDC_NONCE_INVALID', undefined, { field: 'input.state', code: 137 });
  }
  const clientSecret = parts.sealing.open(provider.sealedSecret);
  const subject = await redeemCode(
    { ...provider, clientSecret },
    { code: authorizationCode, state, nonce: request.nonce, codeVerifier: request.codeVerifier },
    parts.log,
  );
  // The provider took its time; it may have been disabled or deleted meanwhile.
  await getEnabledProvider(parts, provider.id);
  return subject;
}
