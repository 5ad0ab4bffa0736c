// The only user of the tables of sessions and their tokens: reads rows and writes them, and decides nothing.
import type { Prisma } from '../../../generated/prisma/client.ts';
import type { Where } from '../../../platform/access/condition-where.ts';
import type { Models } from '../../../platform/database/database.ts';
import { newId } from '../../../platform/ids.ts';
import type { RowReader } from '../../../platform/paging/list-rows.ts';
import type { AuthTable } from '../auth-parts.ts';
import type { SessionKind, SessionModel } from '../models.ts';
import type { TokenPair } from '../tokens.ts';
import { hashToken } from '../tokens.ts';

type Db = Models<AuthTable>;

/** What stands in `kind` was written by this service: it is one of them. */
export const sessionRows: RowReader<Db, SessionModel> = {
  find: (db, selection) => db.session.findMany(selection as Prisma.SessionFindManyArgs) as Promise<SessionModel[]>,
  count: (db, where) => db.session.count({ where: where as Prisma.SessionWhereInput }),
};

/** Those that have not ended and have a token that is good: without one a session is over, too. */
export function openSessions(now: Date): Where {
  const good = { expiresAt: { gt: now } };
  const tokens: Where[] = [
    { refreshTokens: { some: { ...good, usedAt: null } } },
    { accessTokens: { some: good } },
    { oauth1Token: { isNot: null } },
  ];
  return { endedAt: null, OR: tokens };
}

export interface FoundSession {
  readonly id: string;
  readonly userId: string;
  readonly applicationId: string | null;
  readonly credentialVersion: number;
  /** Of the access token. */
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
}

/** The session that was not ended, whether or not the access token has expired. */
export async function findSession(db: Db, accessTokenHash: string): Promise<FoundSession | null> {
  // Plain SQL, because the gateway asks this for every token that it does not know yet.
  const rows = await db.$queryRaw<FoundSession[]>`
    SELECT s.id::text, s.user_id::text AS "userId", s.application_id::text AS "applicationId",
      s.credential_version AS "credentialVersion", t.expires_at AS "expiresAt", s.last_used_at AS "lastUsedAt"
    FROM auth.access_tokens t JOIN auth.sessions s ON s.id = t.session_id
    WHERE t.token_hash = ${accessTokenHash} AND s.ended_at IS NULL`;
  return rows[0] ?? null;
}

/** The session while it was not ended, by the newest of its access tokens that are good. */
export async function findOpenSession(db: Db, id: string, now: Date): Promise<FoundSession | null> {
  const rows = await db.$queryRaw<FoundSession[]>`
    SELECT s.id::text, s.user_id::text AS "userId", s.application_id::text AS "applicationId",
      s.credential_version AS "credentialVersion", t.expires_at AS "expiresAt", s.last_used_at AS "lastUsedAt"
    FROM auth.access_tokens t JOIN auth.sessions s ON s.id = t.session_id
    WHERE s.id = ${id}::uuid AND s.ended_at IS NULL AND t.expires_at > ${now}
    ORDER BY t.expires_at DESC LIMIT 1`;
  return rows[0] ?? null;
}

/** Unless it was used later already. */
export async function setLastUsed(db: Db, id: string, minute: Date): Promise<void> {
  await db.$executeRaw`
    UPDATE auth.sessions SET last_used_at = ${minute}, updated_at = now()
    WHERE id = ${id}::uuid AND ended_at IS NULL AND (last_used_at IS NULL OR last_used_at < ${minute})`;
}

export interface NewSession {
  readonly id: string;
  readonly userId: string;
  readonly applicationId: string | null;
  readonly kind: SessionKind;
  readonly credentialVersion: number;
}

export async function insertSession(db: Db, session: NewSession): Promise<void> {
  await db.session.create({ data: session });
}

export interface NewTokens {
  readonly sessionId: string;
  /** The version of the application that they are for; null: no application. */
  readonly versionId: string | null;
  readonly tokens: TokenPair;
}

/** An access token and the refresh token that it comes with. */
export async function insertTokens(db: Db, { sessionId, versionId, tokens }: NewTokens): Promise<void> {
  const refreshTokenId = newId();
  await db.refreshToken.create({
    data: {
      id: refreshTokenId,
      sessionId,
      versionId,
      tokenHash: hashToken(tokens.refreshToken),
      expiresAt: tokens.refreshTokenExpiresAt,
    },
  });
  await insertAccessToken(db, { sessionId, refreshTokenId, tokens });
}

export interface NewAccessToken {
  readonly sessionId: string;
  readonly refreshTokenId: string;
  readonly tokens: Pick<TokenPair, 'accessToken' | 'accessTokenExpiresAt'>;
}

export async function insertAccessToken(db: Db, { sessionId, refreshTokenId, tokens }: NewAccessToken): Promise<void> {
  const tokenHash = hashToken(tokens.accessToken);
  await db.accessToken.create({
    data: { id: newId(), sessionId, refreshTokenId, tokenHash, expiresAt: tokens.accessTokenExpiresAt },
  });
}

export interface LockedRefreshToken {
  readonly id: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly applicationId: string | null;
  readonly versionId: string | null;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  /** Of the session, as is what follows. */
  readonly lastUsedAt: Date | null;
  readonly endedAt: Date | null;
  readonly credentialVersion: number;
}

/** Whose it is, for what has to be asked before the transaction. */
export async function findRefreshTokenOwner(db: Db, token: string): Promise<string | null> {
  const where = { tokenHash: hashToken(token) };
  const found = await db.refreshToken.findUnique({ where, select: { session: { select: { userId: true } } } });
  return found?.session.userId ?? null;
}

/** Both rows are locked: who comes second with the same token reads it as used. */
export async function lockRefreshToken(db: Db, token: string): Promise<LockedRefreshToken | null> {
  const rows = await db.$queryRaw<LockedRefreshToken[]>`
    SELECT t.id::text, s.id::text AS "sessionId", s.user_id::text AS "userId",
      s.application_id::text AS "applicationId", t.version_id::text AS "versionId", t.expires_at AS "expiresAt",
      t.used_at AS "usedAt", s.last_used_at AS "lastUsedAt", s.ended_at AS "endedAt",
      s.credential_version AS "credentialVersion"
    FROM auth.refresh_tokens t JOIN auth.sessions s ON s.id = t.session_id
    WHERE t.token_hash = ${hashToken(token)} FOR UPDATE`;
  return rows[0] ?? null;
}

export interface Rotation extends NewTokens {
  /** The id of the refresh token that is used up. */
  readonly usedId: string;
  readonly now: Date;
}

/** Replaces both tokens of a session, and forgets used ones that are too old to betray anything. */
export async function rotateTokens(db: Db, { usedId, now, ...fresh }: Rotation): Promise<void> {
  const { sessionId } = fresh;
  await db.accessToken.deleteMany({ where: { sessionId } });
  await db.refreshToken.update({ where: { id: usedId }, data: { usedAt: now } });
  await db.refreshToken.deleteMany({ where: { sessionId, expiresAt: { lte: now } } });
  await insertTokens(db, fresh);
}

/** What other sessions could still be started with, because one of these asked for it. */
export async function deleteMadeIn(db: Db, sessionIds: readonly string[]): Promise<void> {
  if (sessionIds.length === 0) return;
  const where = { originSessionId: { in: [...sessionIds] } };
  await db.ssoToken.deleteMany({ where });
  await db.oAuth2Authorization.deleteMany({ where: { ...where, sessionId: null } });
}

/** Those that had not ended already. */
export function markEnded(db: Db, where: Where, endedAt: Date): Promise<{ id: string; userId: string }[]> {
  return db.session.updateManyAndReturn({
    where: { AND: [where as Prisma.SessionWhereInput, { endedAt: null }] },
    data: { endedAt },
    select: { id: true, userId: true },
  });
}

/** Those of an application that have not ended. */
export function findSessionsOf(
  db: Db,
  of: { readonly applicationId: string },
): Promise<{ id: string; userId: string }[]> {
  return db.session.findMany({ where: { ...of, endedAt: null }, select: { id: true, userId: true } });
}

export interface OAuth1Session {
  readonly applicationId: string;
  readonly credentialVersion: number;
}

/** Keeps the user's session from ending until the transaction does. Null: it has ended, or is of no OAuth 1 application. */
export async function holdOAuth1Session(
  db: Db,
  { id, userId }: { readonly id: string; readonly userId: string },
): Promise<OAuth1Session | null> {
  const rows = await db.$queryRaw<OAuth1Session[]>`
    SELECT s.application_id::text AS "applicationId", s.credential_version AS "credentialVersion"
    FROM auth.sessions s JOIN auth.applications a ON a.id = s.application_id AND a.type = 'OAUTH1'
    WHERE s.id = ${id}::uuid AND s.user_id = ${userId}::uuid AND s.ended_at IS NULL FOR SHARE OF s`;
  return rows[0] ?? null;
}
