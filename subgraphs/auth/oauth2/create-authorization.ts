// Grants an application access in a user's name: an authorization code, which it redeems at the token endpoint.
import { AppError } from '../../../platform/errors.ts';
import type { Caller } from '../../../platform/identity/identity.ts';
import { newId } from '../../../platform/ids.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import type { AuthParts } from '../auth-parts.ts';
import type { OAuth2AuthorizationModel } from '../models.ts';
import type { SessionKey } from '../sessions/end-session.ts';
import { hashToken, newToken } from '../tokens.ts';
import type { Authentication } from '../users-service.ts';
import type { AuthorizationInput, AuthorizationRequest, FieldName } from './authorization-request.ts';
import { requireAuthorizationRequest, requireRedirection } from './authorization-request.ts';
import { redirectLocation } from './redirect-location.ts';
import { holdSessionStart, insertCode } from './store.ts';

export interface GrantedAuthorization {
  readonly authorization: OAuth2AuthorizationModel;
  readonly authorizationCode: string;
  /** Where the user goes now. */
  readonly location: string;
}

const field: FieldName = (name) => `input.${name}`;

/**
 * In the name of the caller, for a consent page of somebody's own. Errors of authorization-request.ts; ILLEGAL_STATE for
 * a request without a session, which says as of when the user's credentials were proven. `now` is in epoch milliseconds.
 */
export async function createAuthorization(
  parts: AuthParts,
  caller: Caller,
  { input, now }: { readonly input: AuthorizationInput; readonly now: number },
): Promise<GrantedAuthorization> {
  const { userId } = requireUser(caller.identity);
  const { sessionId } = caller;
  if (sessionId === undefined)
    throw new AppError('ILLEGAL_STATE', 'This request was not made in a session.', { code: 27 });
  const redirection = await requireRedirection(parts, input, field);
  const request = requireAuthorizationRequest(redirection, input, field);
  return grantAuthorization(parts, { request, by: { id: sessionId, userId } }, now);
}

export interface Consent {
  readonly request: AuthorizationRequest;
  /** Who agrees: a user who has just proven to be that user, or that of an open session. */
  readonly by: Authentication | SessionKey;
}

/** `now` is in epoch milliseconds. */
export async function grantAuthorization(
  { database, config }: AuthParts,
  { request, by }: Consent,
  now: number,
): Promise<GrantedAuthorization> {
  const authorizationCode = newToken();
  const { client, ...asked } = request;
  const authorization = await database.write(async (tx) => {
    const authentication = 'id' in by ? await holdSessionStart(tx.db, by) : by;
    if (authentication === null) throw new AppError('UNAUTHENTICATED', undefined, { code: 117 });
    const granted = await insertCode(tx.db, {
      ...asked,
      ...authentication,
      originSessionId: 'id' in by ? by.id : null,
      id: newId(),
      applicationId: client.applicationId,
      versionId: client.versionId,
      codeHash: hashToken(authorizationCode),
      expiresAt: new Date(now + config.authorizationCodeSeconds * 1_000),
    });
    const content = { userId: granted.userId, applicationId: granted.applicationId, authorizationId: granted.id };
    tx.publish({ type: 'oauth2_authorization_created', content });
    return granted;
  });
  const location = redirectLocation(request, { code: authorizationCode }, config.publicUrl ?? '');
  return { authorization, authorizationCode, location };
}
