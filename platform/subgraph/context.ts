// What every resolver gets: who calls, and this request's loaders. Frozen; rules narrow it.
import type { FastifyBaseLogger } from 'fastify';
import { AppError } from '../errors.ts';
import type { Caller, Identity } from '../identity/identity.ts';
import { isSignedIn } from '../identity/identity.ts';

export type Logger = Pick<FastifyBaseLogger, 'info' | 'warn' | 'error' | 'debug'>;

/** Whom a request has signed in, and as of which of the user's credentials. */
export interface SignedInUser {
  readonly userId: string;
  readonly credentialVersion: number;
}

export interface Context<Loaders = unknown> {
  readonly caller: Caller;
  /** The viewer; the same as `caller.identity`. */
  readonly identity: Identity;
  /** Made for this request, so that one subgraph call makes at most one query per entity type. */
  readonly loaders: Loaders;
  /** Follows the request through logs of all processes. */
  readonly requestId: string;
  readonly log: Logger;
  /** Epoch milliseconds at the start of the request: one moment for all that is decided in it. */
  readonly now: number;
  /** This request proved who this user is: what it asks of other services, it asks as that user. For `auth` alone. */
  readonly signIn: (user: SignedInUser) => void;
}

export type UserIdentity = Identity & { readonly userId: string };

/** The identity of a signed-in user, or UNAUTHENTICATED. */
export function requireUser(identity: Identity): UserIdentity {
  if (!isSignedIn(identity)) throw new AppError('UNAUTHENTICATED', undefined, { code: 104 });
  return identity;
}
