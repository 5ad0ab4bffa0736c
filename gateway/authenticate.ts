// Who calls, from the Authorization header or a WebSocket's connection parameters. No token: nobody is signed in. A
// bad one is refused outright: treating it as none would hide from the client that its session is over.
import { AppError } from '../platform/errors.ts';
import type { Caller } from '../platform/identity/identity.ts';
import { anonymous } from '../platform/identity/identity.ts';
import type { IdentityResolver } from '../platform/identity/identity-resolver.ts';

const nobody: Caller = Object.freeze({ identity: anonymous });

export type Authenticate = (authorization: string | undefined) => Promise<Caller>;

export function createAuthenticate(identities: IdentityResolver): Authenticate {
  return async (authorization) => {
    if (authorization === undefined || authorization === '') return nobody;
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    if (token === undefined) {
      throw new AppError('UNAUTHENTICATED', 'Authorization: only `Bearer <access token>` is understood.', {
        code: 117,
      });
    }
    return identities.fromToken(token);
  };
}
