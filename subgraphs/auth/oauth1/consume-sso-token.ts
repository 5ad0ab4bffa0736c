// Exchanges an SSO token, which is used up by this, for a token of the application that calls.
import { AppError } from '../../../platform/errors.ts';
import { requireText } from '../../../platform/text.ts';
import type { AuthParts } from '../auth-parts.ts';
import { hashToken } from '../tokens.ts';
import type { Calling } from './create-token.ts';
import { type OpenedToken, openToken } from './open-token.ts';
import { requireConsumer } from './require-consumer.ts';
import { findSsoToken, takeSsoToken } from './store.ts';

const field = 'input.ssoToken';

/** NOT_FOUND for one that is unknown, was used, has expired, or is from before the user's sessions were ended. */
export async function consumeSsoToken(
  parts: AuthParts,
  { identity, now }: Calling,
  ssoToken: string,
): Promise<OpenedToken> {
  const applicationId = requireConsumer(identity);
  const { database, users } = parts;
  const tokenHash = hashToken(requireText(ssoToken, field, { least: 1, most: 1_000 }));
  const authentication = await findSsoToken(database.db, tokenHash, new Date(now));
  if (authentication === null) throw unknown();
  if (authentication.credentialVersion !== (await users.findCredentialVersion(authentication.userId))) throw unknown();
  return database.write(async (tx) => {
    if (!(await takeSsoToken(tx.db, tokenHash))) throw unknown();
    return openToken(parts, tx, { authentication, applicationId, kind: 'SSO' });
  });
}

function unknown(): AppError {
  return new AppError('NOT_FOUND', `${field}: it is unknown, was used, or has expired.`, { field, code: 16 });
}
