// From an access token to who calls and what they may do now. Answers come from a cache that is never stale: each
// use compares the user's access version, which grows in the very transaction that changes a role, an enlistment or
// a session. Comparisons that are due at the same time are one query.
import { createHash } from 'node:crypto';
import DataLoader from 'dataloader';
import { BoundedCache } from '../bounded-cache.ts';
import { AppError } from '../errors.ts';
import type { Caller, Identity, IdentityData } from './identity.ts';
import { identityFrom } from './identity.ts';

export interface SessionData {
  readonly id: string;
  readonly userId: string;
  /** Null: a sign-in over the API itself. */
  readonly applicationId: string | null;
  /** What the session was started at: it has ended when the user's own is greater. */
  readonly credentialVersion: number;
  /** When the access token expires. */
  readonly expiresAt: Date;
}

/** A request that is signed as OAuth 1.0a asks, as far as the signature covers it. */
export interface SignedRequest {
  readonly method: string;
  /** The whole URL that the client called. */
  readonly url: string;
  /** The Authorization header. */
  readonly authorization: string;
}

/** Whose a signed request is. Signed by an application alone, it is nobody's. */
export type Signatory =
  | Omit<SessionData, 'expiresAt'>
  | { readonly id: null; readonly userId: null; readonly applicationId: string };

export interface KnownUser {
  readonly data: IdentityData;
  /** The access version, as it was read before the rest. */
  readonly version: string;
  /** Sessions that were started at a smaller one have ended. */
  readonly credentialVersion: number;
}

/** Where the truth is: the services `auth` and `users`, asked by internal operations. */
export interface IdentitySource {
  /** Null when the token is unknown or ended; one that has expired says so by its `expiresAt`. */
  session(tokenHash: string): Promise<SessionData | null>;
  /** By its id, with the newest access token that is good. Null when it has ended, or has none. */
  openSession(id: string): Promise<SessionData | null>;
  /** Throws UNAUTHENTICATED or the like when the signature is not good, or the request was made before. */
  signatory(request: SignedRequest): Promise<Signatory>;
  accessVersions(userIds: readonly string[]): Promise<readonly string[]>;
  /** Null when there is no such user. */
  identity(userId: string): Promise<KnownUser | null>;
}

/** Who calls with an access token, and until when. */
export interface TokenHolder {
  readonly caller: Caller;
  readonly expiresAt: Date;
}

export interface IdentityResolver {
  /** Who calls with this access token, as of now. Throws UNAUTHENTICATED when it is not good (any more). */
  fromToken(token: string): Promise<Caller>;
  /** The same with the end of the token, for connections that outlive a request. */
  holderOf(token: string): Promise<TokenHolder>;
  /** Whether a session goes on, whichever access token it has by now. */
  isOpen(sessionId: string): Promise<boolean>;
  /** Who calls by a signed request. Throws UNAUTHENTICATED or the like when it is not good (any more). */
  fromSignedRequest(request: SignedRequest): Promise<Caller>;
  /** What a user may do as of now. Throws UNAUTHENTICATED when the user is gone. */
  ofUser(userId: string): Promise<Identity>;
  /** The same for who has just signed in. Throws UNAUTHENTICATED, too, when that was with credentials of before. */
  ofSignedIn(user: { readonly userId: string; readonly credentialVersion: number }): Promise<Identity>;
}

interface KnownSession {
  readonly session: SessionData;
  readonly version: string;
}

interface KnownIdentity {
  readonly identity: Identity;
  readonly version: string;
  readonly credentialVersion: number;
}

const keptSessions = 50_000;
const keptIdentities = 20_000;
const tokenShape = /^[0-9a-f]{40}$/;

export function createIdentityResolver(source: IdentitySource, now: () => number): IdentityResolver {
  const sessions = new BoundedCache<string, KnownSession>(keptSessions);
  const identities = new BoundedCache<string, KnownIdentity>(keptIdentities);
  const callers = new WeakMap<Identity, Map<string, Caller>>();
  // Not cached: every use asks anew, only those of one moment are asked together.
  const versions = new DataLoader<string, string>(
    (userIds) =>
      source.accessVersions([...new Set(userIds)]).then((found) => {
        const byUser = new Map([...new Set(userIds)].map((userId, index) => [userId, found[index] ?? '0']));
        return userIds.map((userId) => byUser.get(userId) ?? '0');
      }),
    { cache: false, maxBatchSize: 1_000 },
  );

  async function currentSession(tokenHash: string): Promise<KnownSession> {
    const known = sessions.get(tokenHash);
    const session = known?.session ?? (await source.session(tokenHash));
    if (session === null) throw unknownToken();
    const version = await versions.load(session.userId);
    if (known?.version === version) return known;
    // Read (again) after the version, so that what is kept is at least as new as the version it is kept under.
    const fresh = await source.session(tokenHash);
    if (fresh === null) {
      sessions.delete(tokenHash);
      throw unknownToken();
    }
    const current = { session: fresh, version };
    sessions.set(tokenHash, current);
    return current;
  }

  /** Null when there is no such user. */
  async function userAt(userId: string, version: string): Promise<KnownIdentity | null> {
    const known = identities.get(userId);
    if (known?.version === version) return known;
    const fresh = await source.identity(userId);
    if (fresh === null) {
      identities.delete(userId);
      return null;
    }
    const { version: readAt, credentialVersion } = fresh;
    const current = { identity: identityFrom(fresh.data), version: readAt, credentialVersion };
    identities.set(userId, current);
    return current;
  }

  /** Null when the session has ended with what its user signed in with, or with the user. */
  async function callerOf(session: Omit<SessionData, 'expiresAt'>, version: string): Promise<Caller | null> {
    const user = await userAt(session.userId, version);
    if (user === null || session.credentialVersion < user.credentialVersion) return null;
    return callerFor(user.identity, session);
  }

  /** One object for each session and identity, so that its signature can be used again. */
  function callerFor(known: Identity, { id: sessionId, applicationId }: Omit<SessionData, 'expiresAt'>): Caller {
    const ofIdentity = callers.get(known) ?? new Map<string, Caller>();
    callers.set(known, ofIdentity);
    const identity = applicationId === null ? known : Object.freeze({ ...known, applicationId });
    const caller = ofIdentity.get(sessionId) ?? Object.freeze({ identity, sessionId });
    ofIdentity.set(sessionId, caller);
    return caller;
  }

  async function holderOf(token: string): Promise<TokenHolder> {
    if (!tokenShape.test(token)) throw unknownToken();
    const tokenHash = createHash('sha256').update(token).digest('hex');
    const { session, version } = await currentSession(tokenHash);
    if (session.expiresAt.getTime() <= now()) {
      sessions.delete(tokenHash);
      throw expiredToken();
    }
    const caller = await callerOf(session, version);
    if (caller === null) throw unknownToken();
    return { caller, expiresAt: session.expiresAt };
  }

  return {
    fromToken: async (token) => (await holderOf(token)).caller,
    holderOf,
    async isOpen(sessionId) {
      const session = await source.openSession(sessionId);
      return session !== null && (await callerOf(session, await versions.load(session.userId))) !== null;
    },
    async fromSignedRequest(request) {
      const signatory = await source.signatory(request);
      if (signatory.userId === null) {
        return Object.freeze({ identity: identityFrom({ applicationId: signatory.applicationId }) });
      }
      const caller = await callerOf(signatory, await versions.load(signatory.userId));
      if (caller === null) throw new AppError('OAUTH_TOKEN_UNKNOWN', undefined, { code: 108 });
      return caller;
    },
    async ofSignedIn({ userId, credentialVersion }) {
      const user = await userAt(userId, await versions.load(userId));
      if (user === null || credentialVersion < user.credentialVersion) throw unknownToken();
      return user.identity;
    },
    async ofUser(userId) {
      const user = await userAt(userId, await versions.load(userId));
      if (user === null) throw unknownToken();
      return user.identity;
    },
  };
}

/** What a client is told that goes on with an access token after its end. */
export function expiredToken(): AppError {
  return new AppError('UNAUTHENTICATED', 'The access token has expired.', { code: 118 });
}

function unknownToken(): AppError {
  return new AppError('UNAUTHENTICATED', 'The access token is unknown, ended or expired.', { code: 117 });
}
