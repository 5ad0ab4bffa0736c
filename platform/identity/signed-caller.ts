// How a caller travels between processes: a short-lived JWS (RFC 7515, HMAC-SHA256) in the request body, for one
// audience. What is unsigned, expired, for somebody else or changed on the way is refused.
import { errors, jwtVerify, SignJWT } from 'jose';
import { BoundedCache } from '../bounded-cache.ts';
import { deriveKey } from '../derive-key.ts';
import { AppError } from '../errors.ts';
import { callerOfClass } from './access-class.ts';
import type { Caller, IdentityData } from './identity.ts';
import { identityData, identityFrom } from './identity.ts';

const lifetimeSeconds = 30;
/** A signature is used again for as long as it is surely fresh on arrival. */
const reuseMilliseconds = 10_000;
const keptVerified = 1_000;

interface Claims {
  identity?: IdentityData;
  service?: string;
  session?: string;
}

export interface CallerSigner {
  /** `audience` is the name of the subgraph that will read it. */
  sign(caller: Caller, audience: string): Promise<string>;
}

export interface CallerVerifier {
  /** Throws UNAUTHENTICATED for anything but a fresh signature for this audience. */
  verify(token: unknown): Promise<Caller>;
}

function signingKey(secret: string): Uint8Array {
  return deriveKey(secret, 'caller');
}

export function createCallerSigner(secret: string, now: () => number): CallerSigner {
  const key = signingKey(secret);
  const signed = new WeakMap<object, Map<string, { token: string; at: number }>>();
  return {
    async sign(caller, audience) {
      const { tracked } = caller.identity;
      // A class has many callers, made anew for each answer, who are signed alike.
      const signedOnce = tracked === undefined || caller.service !== undefined ? caller : tracked.of;
      const known = signed.get(signedOnce)?.get(audience);
      if (known !== undefined && now() - known.at < reuseMilliseconds) return known.token;
      const claims: Claims = { identity: identityData(caller.identity) };
      if (caller.service !== undefined) claims.service = caller.service;
      if (tracked === undefined && caller.sessionId !== undefined) claims.session = caller.sessionId;
      const at = now();
      const token = await new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'HS256' })
        .setAudience(audience)
        .setExpirationTime(Math.floor(at / 1_000) + lifetimeSeconds)
        .sign(key);
      if (!signed.has(signedOnce)) signed.set(signedOnce, new Map());
      signed.get(signedOnce)?.set(audience, { token, at });
      return token;
    },
  };
}

export function createCallerVerifier(secret: string, audience: string, now: () => number): CallerVerifier {
  const key = signingKey(secret);
  const verified = new BoundedCache<string, { caller: Caller; expires: number }>(keptVerified);
  return {
    async verify(token) {
      if (typeof token !== 'string') throw new AppError('UNAUTHENTICATED', 'The call is not signed.');
      const known = verified.get(token);
      if (known !== undefined && known.expires > now()) return ownCaller(known.caller);
      try {
        const { payload } = await jwtVerify<Claims>(token, key, {
          audience,
          algorithms: ['HS256'],
          requiredClaims: ['exp', 'identity'],
          currentDate: new Date(now()),
        });
        const caller: Caller = {
          identity: identityFrom(payload.identity ?? {}),
          ...(payload.service === undefined ? {} : { service: payload.service }),
          ...(payload.session === undefined ? {} : { sessionId: payload.session }),
        };
        verified.set(token, { caller, expires: (payload.exp ?? 0) * 1_000 });
        return ownCaller(caller);
      } catch (error) {
        if (error instanceof errors.JOSEError)
          throw new AppError('UNAUTHENTICATED', 'The signature of the call is not valid.');
        throw error;
      }
    },
  };
}

/** Any member of an access class is tracked for each request by itself. */
function ownCaller(caller: Caller): Caller {
  const { identity, service } = caller;
  if (identity.tracked === undefined) return caller;
  const any = callerOfClass(identity);
  return service === undefined ? any : { identity: any.identity, service };
}
