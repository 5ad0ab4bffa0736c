// The only user of this service's tables: reads rows and writes them, and decides nothing.
import type { Models, ServiceDatabase, WriteTransaction } from '../../platform/database/database.ts';
import type { SessionModel } from './models.ts';
import type { TokenPair } from './tokens.ts';
import { hashToken } from './tokens.ts';

type Table = 'session' | 'refreshToken';
export type AuthDatabase = ServiceDatabase<Table>;
export type AuthTransaction = WriteTransaction<Table>;
type Db = Models<Table>;

/** The session that was not ended, whether or not the access token has expired. */
export async function findSession(db: Db, accessTokenHash: string): Promise<SessionModel | null> {
  // Plain SQL, because the gateway asks this for every token that it does not know yet.
  const rows = await db.$queryRaw<SessionModel[]>`
    SELECT id::text, user_id::text AS "userId", access_token_expires_at AS "expiresAt" FROM auth.sessions
    WHERE access_token_hash = ${accessTokenHash} AND ended_at IS NULL`;
  return rows[0] ?? null;
}

export async function insertSession(
  db: Db,
  { id, userId }: { readonly id: string; readonly userId: string },
  tokens: TokenPair,
): Promise<void> {
  await db.session.create({
    data: { id, userId, ...accessTokenColumns(tokens), refreshTokens: { create: refreshTokenRow(tokens) } },
  });
}

export interface LockedRefreshToken {
  readonly sessionId: string;
  readonly userId: string;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  readonly endedAt: Date | null;
}

/** Both rows are locked: who comes second with the same token reads it as used. */
export async function lockRefreshToken(db: Db, token: string): Promise<LockedRefreshToken | null> {
  const rows = await db.$queryRaw<LockedRefreshToken[]>`
    SELECT s.id::text AS "sessionId", s.user_id::text AS "userId", t.expires_at AS "expiresAt", t.used_at AS "usedAt",
      s.ended_at AS "endedAt"
    FROM auth.refresh_tokens t JOIN auth.sessions s ON s.id = t.session_id
    WHERE t.token_hash = ${hashToken(token)} FOR UPDATE`;
  return rows[0] ?? null;
}

export interface Rotation {
  readonly sessionId: string;
  /** The refresh token that is used up. */
  readonly used: string;
  readonly tokens: TokenPair;
  readonly now: Date;
}

/** Replaces both tokens of a session, and forgets used ones that are too old to betray anything. */
export async function rotateTokens(db: Db, { sessionId, used, tokens, now }: Rotation): Promise<void> {
  await db.refreshToken.update({ where: { tokenHash: hashToken(used) }, data: { usedAt: now } });
  await db.refreshToken.deleteMany({ where: { sessionId, expiresAt: { lte: now } } });
  await db.refreshToken.create({ data: { sessionId, ...refreshTokenRow(tokens) } });
  await db.session.update({ where: { id: sessionId }, data: accessTokenColumns(tokens) });
}

/** Whether it was still open. */
export async function markEnded(db: Db, session: { id: string; userId: string }, endedAt: Date): Promise<boolean> {
  const { id, userId } = session;
  return (await db.session.updateMany({ where: { id, userId, endedAt: null }, data: { endedAt } })).count === 1;
}

function accessTokenColumns({ accessToken, accessTokenExpiresAt }: TokenPair) {
  return { accessTokenHash: hashToken(accessToken), accessTokenExpiresAt };
}

function refreshTokenRow({ refreshToken, refreshTokenExpiresAt }: TokenPair) {
  return { tokenHash: hashToken(refreshToken), expiresAt: refreshTokenExpiresAt };
}
