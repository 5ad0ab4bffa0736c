// Whether a password is enough. Where it is not, the sign-in stops with a challenge that the second factor answers.
import { AppError } from '../../../platform/errors.ts';
import type { AuthParts } from '../auth-parts.ts';
import { newToken } from '../tokens.ts';
import type { Authentication } from '../users-service.ts';
import { counts, unconfirmedSince } from './counting-methods.ts';
import { requestOptions } from './passkeys.ts';
import { findMethods, findSettings, type StoredMethod } from './store.ts';
import { insertChallenge } from './token-store.ts';

export interface FirstFactor {
  /** The user, who has given the right password. */
  readonly authentication: Authentication;
  /** The application that the user signs in with; it alone can finish. Null: the API itself. */
  readonly applicationId: string | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** MFA_REQUIRED, with the challenge in its details, when the user has turned the second factor on. */
export async function requireSecondFactor(parts: AuthParts, factor: FirstFactor): Promise<void> {
  const { database, config } = parts;
  const { authentication, applicationId, now } = factor;
  const { userId, credentialVersion } = authentication;
  const [setting] = await findSettings(database.db, [userId]);
  if (setting?.enabled !== true) return;
  const methods = (await findMethods(database.db, [userId], unconfirmedSince(now))).filter(({ model }) =>
    counts(model),
  );
  const passkeyOptions = await passkeyOptionsFor(parts, methods);
  const token = newToken();
  const life = config.mfaChallengeSeconds * 1_000;
  const expiresAt = new Date(now + life);
  const passkeyChallenge = passkeyOptions?.challenge ?? null;
  const challenge = { userId, credentialVersion, applicationId, passkeyChallenge, expiresAt };
  await insertChallenge(database.db, token, challenge);
  throw new AppError('MFA_REQUIRED', undefined, {
    code: 129,
    token,
    tokenExpiresIn: life,
    methods: methods.map(({ model: { id, type, name, tags } }) => ({ id, type, name, tags })),
    ...(passkeyOptions === undefined ? {} : { passkeyOptions }),
  });
}

async function passkeyOptionsFor({ config }: AuthParts, methods: readonly StoredMethod[]) {
  const passkeys = methods.flatMap(({ passkey }) => (passkey === null ? [] : [passkey]));
  return passkeys.length === 0 ? undefined : requestOptions(config, passkeys);
}
