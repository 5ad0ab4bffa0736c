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
  readonly expiresAt: Date;
}

/** Where the truth is: the services `auth` and `users`, asked by internal operations. */
export interface IdentitySource {
  /** Null when the token is unknown, ended or expired. */
  session(tokenHash: string): Promise<SessionData | null>;
  accessVersions(userIds: readonly string[]): Promise<readonly string[]>;
  /** Null when there is no such user. The version is one that was read before the rest. */
  identity(userId: string): Promise<{ readonly data: IdentityData; readonly version: string } | null>;
}

export interface IdentityResolver {
  /** Who calls with this access token, as of now. Throws UNAUTHENTICATED when it is not good (any more). */
  fromToken(token: string): Promise<Caller>;
  /** What a user may do as of now. Throws UNAUTHENTICATED when the user is gone. */
  ofUser(userId: string): Promise<Identity>;
}

interface KnownSession {
  readonly session: SessionData;
  readonly version: string;
}

interface KnownIdentity {
  readonly identity: Identity;
  readonly version: string;
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

  async function identityAt(userId: string, version: string): Promise<Identity> {
    const known = identities.get(userId);
    if (known?.version === version) return known.identity;
    const fresh = await source.identity(userId);
    if (fresh === null) {
      identities.delete(userId);
      throw unknownToken();
    }
    const identity = identityFrom(fresh.data);
    identities.set(userId, { identity, version: fresh.version });
    return identity;
  }

  /** One object for each session and identity, so that its signature can be used again. */
  function callerOf(identity: Identity, sessionId: string): Caller {
    const ofIdentity = callers.get(identity) ?? new Map<string, Caller>();
    callers.set(identity, ofIdentity);
    const caller = ofIdentity.get(sessionId) ?? Object.freeze({ identity, sessionId });
    ofIdentity.set(sessionId, caller);
    return caller;
  }

  return {
    async fromToken(token) {
      if (!tokenShape.test(token)) throw unknownToken();
      const tokenHash = createHash('sha256').update(token).digest('hex');
      const { session, version } = await currentSession(tokenHash);
      if (session.expiresAt.getTime() <= now()) {
        sessions.delete(tokenHash);
        throw new AppError('UNAUTHENTICATED', 'The access token has expired.', { code: 118 });
      }
      return callerOf(await identityAt(session.userId, version), session.id);
    },
    async ofUser(userId) {
      return identityAt(userId, await versions.load(userId));
    },
  };
}

function unknownToken(): AppError {
  return new AppError('UNAUTHENTICATED', 'The access token is unknown, ended or expired.', { code: 117 });
}
