// The only user of the tables of OAuth 1: reads rows and writes them, and decides nothing.
import type { Prisma } from '../../../generated/prisma/client.ts';
import type { Models } from '../../../platform/database/database.ts';
import type { RowReader } from '../../../platform/paging/list-rows.ts';
import type { AuthTable } from '../auth-parts.ts';
import type { OAuth1TokenModel, SsoTokenModel } from '../models.ts';

type Db = Models<AuthTable>;

/** Without the secret, which findTokenHolder alone hands out. */
export const oauth1TokenRows: RowReader<Db, OAuth1TokenModel> = {
  find: async (db, selection) => {
    const rows = await db.oAuth1Token.findMany({
      ...(selection as Prisma.OAuth1TokenFindManyArgs),
      omit: { sealedSecret: true },
      include: { session: true },
    });
    return rows.map(({ session: { userId, applicationId, lastUsedAt }, ...token }) => ({
      ...token,
      userId,
      applicationId,
      lastUsedAt,
    }));
  },
  count: (db, where) => db.oAuth1Token.count({ where: where as Prisma.OAuth1TokenWhereInput }),
};

export const ssoTokenRows: RowReader<Db, SsoTokenModel> = {
  find: (db, selection) =>
    db.ssoToken.findMany({ ...(selection as Prisma.SsoTokenFindManyArgs), omit: { tokenHash: true } }),
  count: (db, where) => db.ssoToken.count({ where: where as Prisma.SsoTokenWhereInput }),
};

export interface TokenHolder {
  readonly sessionId: string;
  readonly userId: string;
  readonly applicationId: string | null;
  readonly credentialVersion: number;
  readonly lastUsedAt: Date | null;
  readonly sealedSecret: string;
}

/** Whose a token is, while its session has not ended. Plain SQL, because every signed request asks it. */
export async function findTokenHolder(db: Db, token: string): Promise<TokenHolder | null> {
  const rows = await db.$queryRaw<TokenHolder[]>`
    SELECT s.id::text AS "sessionId", s.user_id::text AS "userId", s.application_id::text AS "applicationId",
      s.credential_version AS "credentialVersion", s.last_used_at AS "lastUsedAt", t.sealed_secret AS "sealedSecret"
    FROM auth.oauth1_tokens t JOIN auth.sessions s ON s.id = t.session_id
    WHERE t.token = ${token} AND s.ended_at IS NULL`;
  return rows[0] ?? null;
}

export interface NewOAuth1Token {
  readonly id: string;
  readonly sessionId: string;
  readonly token: string;
  readonly sealedSecret: string;
}

/** When it was created. */
export async function insertOAuth1Token(db: Db, token: NewOAuth1Token): Promise<Date> {
  return (await db.oAuth1Token.create({ data: token })).createdAt;
}

/** Whether it was new. */
export async function insertNonce(db: Db, nonceHash: string, expiresAt: Date): Promise<boolean> {
  return (await db.oAuth1Nonce.createMany({ data: [{ nonceHash, expiresAt }], skipDuplicates: true })).count === 1;
}

export interface NewSsoToken {
  readonly id: string;
  readonly userId: string;
  readonly credentialVersion: number;
  /** Which one creates it. */
  readonly applicationId: string;
  readonly tokenHash: string;
  /** The session that it is made in. */
  readonly originSessionId: string;
  readonly expiresAt: Date;
}

export async function insertSsoToken(db: Db, token: NewSsoToken): Promise<void> {
  await db.ssoToken.create({ data: token });
}

export interface FoundSsoToken {
  readonly userId: string;
  readonly credentialVersion: number;
}

export function findSsoToken(db: Db, tokenHash: string, now: Date): Promise<FoundSsoToken | null> {
  return db.ssoToken.findUnique({
    where: { tokenHash, expiresAt: { gt: now } },
    select: { userId: true, credentialVersion: true },
  });
}

/** Whether it was still there: of two who take the same token, one gets it. */
export async function takeSsoToken(db: Db, tokenHash: string): Promise<boolean> {
  return (await db.ssoToken.deleteMany({ where: { tokenHash } })).count === 1;
}
