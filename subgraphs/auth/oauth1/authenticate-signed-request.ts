// Whose a signed request is (OAuth 1.0a, RFC 5849 §3.2). A request is good once: its nonce is kept for as long as its
// timestamp would be taken, but only when the signature fits, so that nobody can use up the nonces of others.
import { createHash } from 'node:crypto';
import { AppError } from '../../../platform/errors.ts';
import { isSameText } from '../../../platform/is-same-text.ts';
import type { Client } from '../applications/find-client.ts';
import { findVersionByKey } from '../applications/find-client.ts';
import type { AuthParts } from '../auth-parts.ts';
import type { SessionIdentityModel } from '../models.ts';
import { noteUse } from '../sessions/note-use.ts';
import { newToken } from '../tokens.ts';
import { baseString, queryParameters } from './base-string.ts';
import { parseAuthorization, protocolParameters, type SignedAuthorization } from './parse-authorization.ts';
import { isSignatureMethod, signature } from './signature.ts';
import { findTokenHolder, insertNonce, type TokenHolder } from './store.ts';

export interface SignedRequest {
  readonly method: string;
  /** The whole URL that the client called. */
  readonly url: string;
  /** The Authorization header. */
  readonly authorization: string;
}

/** How far a timestamp may be from the time here, on either side. */
const windowMs = 300_000;
/** As long as a timestamp may be taken, and a minute for clocks of servers that differ. */
const nonceMs = 2 * windowMs + 60_000;
const credentialShape = /^[0-9a-f]{40}$/;

/**
 * Throws UNAUTHENTICATED for a header that cannot be read, OAUTH_KEY_UNKNOWN, OAUTH_TOKEN_UNKNOWN,
 * OAUTH_SIGNATURE_INVALID, and REPLAYED_REQUEST for a nonce that was used and a timestamp that is too far away.
 */
export type AuthenticateSignedRequest = (request: SignedRequest, now: number) => Promise<SessionIdentityModel>;

export function createSignedRequestAuthentication(parts: AuthParts): AuthenticateSignedRequest {
  const { database, sealing } = parts;
  // In place of secrets that there are not: an unknown key or token is to take the time of a known one.
  const decoy = sealing.seal(newToken());

  function fits(request: SignedRequest, authorization: SignedAuthorization, { consumer, holder }: Signers): boolean {
    const { signatureMethod, signature: given, covered, token } = authorization;
    const base = baseString({ ...request, parameters: covered });
    if (base === undefined || !isSignatureMethod(signatureMethod)) return false;
    const consumerSecret = sealing.open(consumer?.version.sealedSecret ?? decoy);
    const tokenSecret = token === undefined ? '' : sealing.open(holder?.sealedSecret ?? decoy);
    return isSameText(given, signature(signatureMethod, base, { consumerSecret, tokenSecret }));
  }

  return async (request, now) => {
    const authorization = parseAuthorization(request.authorization);
    requireProtocolInHeader(request.url);
    const signers = await findSigners(parts, authorization);
    const isGood = fits(request, authorization, signers);
    const { consumer, holder } = signers;
    if (consumer === null) throw new AppError('OAUTH_KEY_UNKNOWN', undefined, { code: 107 });
    const applicationId = consumer.application.id;
    if (authorization.token !== undefined && holder?.applicationId !== applicationId) {
      throw new AppError('OAUTH_TOKEN_UNKNOWN', undefined, { code: 108 });
    }
    if (!isGood) throw signatureInvalid(authorization);
    await useNonce(parts, authorization, now);
    if (holder === null) return { id: null, userId: null, applicationId, credentialVersion: 0, expiresAt: null };
    const { sessionId: id, userId, credentialVersion, lastUsedAt } = holder;
    await noteUse(database.db, { id, lastUsedAt }, now);
    return { id, userId, applicationId, credentialVersion, expiresAt: null };
  };
}

interface Signers {
  readonly consumer: Client | null;
  readonly holder: TokenHolder | null;
}

/** Always with the same questions, whatever is known. */
async function findSigners({ database }: AuthParts, { consumerKey, token }: SignedAuthorization): Promise<Signers> {
  const [client, holder] = await Promise.all([
    findVersionByKey(database.db, shaped(consumerKey)),
    token === undefined ? null : findTokenHolder(database.db, shaped(token)),
  ]);
  return { consumer: client?.application.type === 'OAUTH1' ? client : null, holder };
}

/** What has not the shape of a key or a token is the key or token of nobody, and can hold what no database takes. */
function shaped(credential: string): string {
  return credentialShape.test(credential) ? credential : '';
}

/** In the query, too, they would be covered by the signature, but say something else than the header. */
function requireProtocolInHeader(url: string): void {
  if (queryParameters(url)?.some(([name]) => protocolParameters.has(name))) {
    throw new AppError('UNAUTHENTICATED', 'Parameters of OAuth belong into the Authorization header alone.', {
      code: 101,
    });
  }
}

function signatureInvalid({ signatureMethod }: SignedAuthorization): AppError {
  const says = isSignatureMethod(signatureMethod) ? undefined : 'Sign with HMAC-SHA1 or HMAC-SHA256.';
  return new AppError('OAUTH_SIGNATURE_INVALID', says, { code: 109 });
}

async function useNonce({ database }: AuthParts, authorization: SignedAuthorization, now: number): Promise<void> {
  const { consumerKey, token, timestamp, nonce } = authorization;
  if (Math.abs(now - timestamp * 1_000) > windowMs) {
    const says = 'oauth_timestamp is more than five minutes away from the time of the server.';
    throw new AppError('REPLAYED_REQUEST', says, { code: 110 });
  }
  const used = JSON.stringify([consumerKey, token ?? '', timestamp, nonce]);
  const nonceHash = createHash('sha256').update(used).digest('hex');
  if (!(await insertNonce(database.db, nonceHash, new Date(now + nonceMs)))) {
    throw new AppError('REPLAYED_REQUEST', undefined, { code: 110 });
  }
}
