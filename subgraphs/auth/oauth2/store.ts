// The only user of the table of authorization codes: reads rows and writes them, and decides nothing.
import type { Prisma } from '../../../generated/prisma/client.ts';
import type { Models } from '../../../platform/database/database.ts';
import type { RowReader } from '../../../platform/paging/list-rows.ts';
import type { AuthTable } from '../auth-parts.ts';
import type { OAuth2AuthorizationModel } from '../models.ts';
import { hashToken } from '../tokens.ts';
import type { Authentication } from '../users-service.ts';

type Db = Models<AuthTable>;

const columns = {
  id: true,
  applicationId: true,
  userId: true,
  redirectUri: true,
  state: true,
  codeChallengeMethod: true,
  expiresAt: true,
  createdAt: true,
} as const satisfies Prisma.OAuth2AuthorizationSelect;

export const authorizationRows: RowReader<Db, OAuth2AuthorizationModel> = {
  find: (db, selection) =>
    db.oAuth2Authorization.findMany({
      ...(selection as Pick<Prisma.OAuth2AuthorizationFindManyArgs, 'where' | 'orderBy' | 'take'>),
      select: columns,
    }),
  count: (db, where) => db.oAuth2Authorization.count({ where: where as Prisma.OAuth2AuthorizationWhereInput }),
};

export interface NewCode extends Authentication {
  readonly id: string;
  readonly applicationId: string;
  readonly versionId: string;
  readonly codeHash: string;
  readonly redirectUri: string;
  readonly redirectUriGiven: boolean;
  readonly state: string | null;
  readonly codeChallenge: string | null;
  readonly codeChallengeMethod: string | null;
  /** The session that it is made in; null: on the consent page, where the user has just signed in. */
  readonly originSessionId: string | null;
  readonly expiresAt: Date;
}

export function insertCode(db: Db, code: NewCode): Promise<OAuth2AuthorizationModel> {
  return db.oAuth2Authorization.create({ data: code, select: columns });
}

export interface LockedCode extends Authentication {
  readonly id: string;
  readonly versionId: string;
  readonly redirectUri: string;
  readonly redirectUriGiven: boolean;
  readonly codeChallenge: string | null;
  readonly codeChallengeMethod: string | null;
  readonly expiresAt: Date;
  /** The session that it was redeemed for. */
  readonly sessionId: string | null;
}

/** The row is locked: who comes second with the same code reads it as redeemed. */
export async function lockCode(db: Db, code: string): Promise<LockedCode | null> {
  const rows = await db.$queryRaw<LockedCode[]>`
    SELECT id::text, version_id::text AS "versionId", user_id::text AS "userId",
      credential_version AS "credentialVersion", redirect_uri AS "redirectUri",
      redirect_uri_given AS "redirectUriGiven", code_challenge AS "codeChallenge",
      code_challenge_method AS "codeChallengeMethod", expires_at AS "expiresAt", session_id::text AS "sessionId"
    FROM auth.oauth2_authorizations WHERE code_hash = ${hashToken(code)} FOR UPDATE`;
  return rows[0] ?? null;
}

export async function markRedeemed(db: Db, id: string, sessionId: string): Promise<void> {
  await db.oAuth2Authorization.update({ where: { id }, data: { sessionId } });
}

/** Whose code it was that is no more. Null: none that was not redeemed meets the condition. */
export async function deleteCode(db: Db, where: Prisma.OAuth2AuthorizationWhereInput): Promise<string | null> {
  const [row] = await db.oAuth2Authorization.findMany({ where, select: { id: true, userId: true }, take: 1 });
  if (row === undefined) return null;
  const { count } = await db.oAuth2Authorization.deleteMany({ where: { id: row.id, sessionId: null } });
  return count === 1 ? row.userId : null;
}

/** As of when the user of an open session had proven to be that user; it stays open until the transaction ends. */
export async function holdSessionStart(
  db: Db,
  { id, userId }: { readonly id: string; readonly userId: string },
): Promise<Authentication | null> {
  const rows = await db.$queryRaw<Authentication[]>`
    SELECT user_id::text AS "userId", credential_version AS "credentialVersion" FROM auth.sessions
    WHERE id = ${id}::uuid AND user_id = ${userId}::uuid AND ended_at IS NULL FOR SHARE`;
  return rows[0] ?? null;
}
