// Starts a sign-in through a provider: where to send the user, and what must come back.
import { invalidInput } from '../../../platform/errors.ts';
import type { AuthParts } from '../auth-parts.ts';
import { hashToken, newToken } from '../tokens.ts';
import { getEnabledProvider } from './get-enabled-provider.ts';
import { authenticationUrl } from './provider-client.ts';
import { insertRequest } from './store.ts';

export interface AuthenticationUrlInput {
  readonly providerName: string;
  readonly state?: string | null;
}

export interface AuthenticationUrl {
  readonly authenticationUrl: string;
  readonly state: string;
}

const lifetime = 10 * 60_000;
const stateShape = /^[A-Za-z0-9_~-]{1,500}$/;

/** `now` is in epoch milliseconds. */
export async function createAuthenticationUrl(
  parts: AuthParts,
  input: AuthenticationUrlInput,
  now: number,
): Promise<AuthenticationUrl> {
  const given = input.state ?? undefined;
  if (given !== undefined && !stateShape.test(given)) {
    throw invalidInput('input.state', 'at most 500 letters, digits, _, ~ and - are allowed.');
  }
  const provider = await getEnabledProvider(parts, input.providerName);
  // Ours cannot be guessed, so that nobody finishes a sign-in that somebody else began.
  const state = given === undefined ? newToken() : `${newToken()}.${given}`;
  const nonce = newToken();
  const codeVerifier = `${newToken()}${newToken()}`;
  await insertRequest(parts.database.db, {
    stateHash: hashToken(state),
    providerId: provider.id,
    nonce,
    codeVerifier,
    expiresAt: new Date(now + lifetime),
  });
  const clientSecret = parts.sealing.open(provider.sealedSecret);
  return {
    authenticationUrl: await authenticationUrl({ ...provider, clientSecret }, { state, nonce, codeVerifier }),
    state,
  };
}
