// Who calls, from the Authorization header or a WebSocket's connection parameters. None: nobody is signed in. A bad one
// is refused outright: treating it as none would hide from the client that its session is over.
import { AppError } from '../platform/errors.ts';
import type { Caller } from '../platform/identity/identity.ts';
import { anonymous } from '../platform/identity/identity.ts';
import type { IdentityResolver } from '../platform/identity/identity-resolver.ts';

const nobody: Caller = Object.freeze({ identity: anonymous });

/** What a signature covers: the HTTP method, and the address as it stands in the request line. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
}

/** A signature (OAuth 1.0a) is good for one HTTP request: without one, only an access token is taken. */
export type Authenticate = (authorization: string | undefined, request?: HttpRequest) => Promise<Caller>;

/** Who is at the other end of a connection that outlives a request, and until when: undefined for nobody, who never ends. */
export interface ConnectedCaller {
  readonly caller: Caller;
  readonly expiresAt: Date | undefined;
}

/** By an access token alone: a signature is good for one request. */
export type AuthenticateConnection = (authorization: string | undefined) => Promise<ConnectedCaller>;

/** `publicUrl` is where clients reach the gateway, which is what they sign. */
export function createAuthenticate(identities: IdentityResolver, publicUrl: string): Authenticate {
  return async (authorization, request) => {
    if (authorization === undefined || authorization === '') return nobody;
    if (request !== undefined && /^OAuth\s/i.test(authorization)) {
      return identities.fromSignedRequest({ method: request.method, url: `${publicUrl}${request.url}`, authorization });
    }
    return identities.fromToken(requireToken(authorization));
  };
}

export function createAuthenticateConnection(identities: IdentityResolver): AuthenticateConnection {
  return async (authorization) => {
    if (authorization === undefined || authorization === '') return { caller: nobody, expiresAt: undefined };
    return identities.holderOf(requireToken(authorization));
  };
}

function requireToken(authorization: string): string {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  if (token !== undefined) return token;
  throw new AppError(
    'UNAUTHENTICATED',
    'Authorization: `Bearer <access token>` or a signature (OAuth 1.0a) is needed.',
    {
      code: 117,
    },
  );
}
