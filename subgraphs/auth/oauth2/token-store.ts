// Reads and writes tokens of OAuth 2 applications, besides what sessions/store.ts does for all tokens. Decides nothing.
import type { Prisma } from '../../../generated/prisma/client.ts';
import type { Models } from '../../../platform/database/database.ts';
import type { RowReader } from '../../../platform/paging/list-rows.ts';
import type { AuthTable } from '../auth-parts.ts';
import type { OAuth2AccessTokenModel, OAuth2RefreshTokenModel } from '../models.ts';
import { hashToken } from '../tokens.ts';

type Db = Models<AuthTable>;

const session = { select: { applicationId: true, userId: true } } as const;
const accessColumns = {
  id: true,
  expiresAt: true,
  createdAt: true,
  refreshToken: { select: { id: true, usedAt: true } },
  session,
} as const satisfies Prisma.AccessTokenSelect;
const refreshColumns = {
  id: true,
  expiresAt: true,
  createdAt: true,
  session,
} as const satisfies Prisma.RefreshTokenSelect;

export const accessTokenRows: RowReader<Db, OAuth2AccessTokenModel> = {
  async find(db, selection) {
    const args = selection as Pick<Prisma.AccessTokenFindManyArgs, 'where' | 'orderBy' | 'take'>;
    const rows = await db.accessToken.findMany({ ...args, select: accessColumns });
    return rows.map(({ session: owner, refreshToken, ...row }) => ({
      ...row,
      ...owner,
      // One that was used up is not listed: to clients it is no more.
      refreshTokenId: refreshToken?.usedAt === null ? refreshToken.id : null,
    }));
  },
  count: (db, where) => db.accessToken.count({ where: where as Prisma.AccessTokenWhereInput }),
};

export const refreshTokenRows: RowReader<Db, OAuth2RefreshTokenModel> = {
  async find(db, selection) {
    const args = selection as Pick<Prisma.RefreshTokenFindManyArgs, 'where' | 'orderBy' | 'take'>;
    const rows = await db.refreshToken.findMany({ ...args, select: refreshColumns });
    return rows.map(({ session: owner, ...row }) => ({ ...row, ...owner }));
  },
  count: (db, where) => db.refreshToken.count({ where: where as Prisma.RefreshTokenWhereInput }),
};

/** Whether a version of an application was not deleted. */
export async function hasVersion(db: Db, id: string): Promise<boolean> {
  return (await db.applicationVersion.count({ where: { id } })) === 1;
}

export async function extendRefreshToken(db: Db, id: string, expiresAt: Date): Promise<void> {
  await db.refreshToken.update({ where: { id }, data: { expiresAt } });
}

export async function useUpRefreshToken(db: Db, id: string, usedAt: Date): Promise<void> {
  await db.refreshToken.update({ where: { id }, data: { usedAt } });
}

/** Whose it was. Null: none meets the condition. */
export async function deleteAccessToken(db: Db, where: Prisma.AccessTokenWhereInput): Promise<string | null> {
  const [row] = await db.accessToken.findMany({ where, select: { id: true, session }, take: 1 });
  if (row === undefined) return null;
  const { count } = await db.accessToken.deleteMany({ where: { id: row.id } });
  return count === 1 ? row.session.userId : null;
}

/** The session of a refresh token. Null: none meets the condition. */
export async function findRefreshTokenSession(
  db: Db,
  where: Prisma.RefreshTokenWhereInput,
): Promise<{ id: string; userId: string } | null> {
  const select = { session: { select: { id: true, userId: true } } } as const;
  return (await db.refreshToken.findFirst({ where, select }))?.session ?? null;
}

/** A token as its application may know it. */
export interface KnownToken {
  readonly kind: 'access' | 'refresh';
  readonly id: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly applicationId: string | null;
  readonly credentialVersion: number;
  /** Of the version that it was given to; null when that one was deleted. */
  readonly clientId: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  readonly endedAt: Date | null;
}

/** Whatever kind it is of; good or not. */
export async function findToken(db: Db, token: string): Promise<KnownToken | null> {
  const hash = hashToken(token);
  const rows = await db.$queryRaw<KnownToken[]>`
    SELECT t.kind, t.id::text, s.id::text AS "sessionId", s.user_id::text AS "userId",
      s.application_id::text AS "applicationId", s.credential_version AS "credentialVersion", v.key AS "clientId",
      t.created_at AS "createdAt", t.expires_at AS "expiresAt", t.used_at AS "usedAt", s.ended_at AS "endedAt"
    FROM (
      SELECT 'access' AS kind, a.id, a.session_id, r.version_id, a.created_at, a.expires_at, NULL::timestamptz AS used_at
      FROM auth.access_tokens a LEFT JOIN auth.refresh_tokens r ON r.id = a.refresh_token_id
      WHERE a.token_hash = ${hash}
      UNION ALL
      SELECT 'refresh', id, session_id, version_id, created_at, expires_at, used_at
      FROM auth.refresh_tokens WHERE token_hash = ${hash}
    ) t JOIN auth.sessions s ON s.id = t.session_id LEFT JOIN auth.application_versions v ON v.id = t.version_id`;
  return rows[0] ?? null;
}
