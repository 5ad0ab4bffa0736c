// Token introspection (RFC 7662): what a confidential application may know of a token of its own. Of any other token it
// learns nothing, not even whether there is one.
import { AppError } from '../../../../platform/errors.ts';
import type { AuthParts } from '../../auth-parts.ts';
import { findToken } from '../token-store.ts';
import { requireClient, type TokenRequest } from './client-credentials.ts';
import { requireParameter } from './parameters.ts';

/** CLIENT_UNKNOWN (124) for a public client: anybody could ask in its name. */
export async function introspectToken(
  parts: AuthParts,
  request: TokenRequest,
  now: number,
): Promise<Record<string, unknown>> {
  const client = await requireClient(parts, request);
  if (!client.confidential) {
    throw new AppError('CLIENT_UNKNOWN', 'Only an application with a client secret may ask.', { code: 124 });
  }
  const token = await findToken(parts.database.db, requireParameter(request.parameters, 'token'));
  if (token === null || token.applicationId !== client.applicationId) return { active: false };
  const isGood = token.endedAt === null && token.usedAt === null && token.expiresAt.getTime() > now;
  // Sessions of before the user's credentials changed have ended, even if nobody has got to ending them yet.
  const current = isGood ? await parts.users.findCredentialVersion(token.userId) : null;
  if (current === null || token.credentialVersion < current) return { active: false };
  return {
    active: true,
    ...(token.kind === 'access' ? { token_type: 'bearer' } : {}),
    ...(token.clientId === null ? {} : { client_id: token.clientId }),
    sub: token.userId,
    user_id: token.userId,
    application_id: token.applicationId,
    iss: parts.config.publicUrl,
    iat: seconds(token.createdAt),
    exp: seconds(token.expiresAt),
  };
}

function seconds(moment: Date): number {
  return Math.floor(moment.getTime() / 1_000);
}
