// Deletes what is over, in all tables of this service, and decides nothing: which rows, its callers say.
import { Prisma } from '../../generated/prisma/client.ts';
import type { Models } from '../../platform/database/database.ts';
import type { AuthTable } from './auth-parts.ts';

type Db = Models<AuthTable>;

export interface HeldBy {
  readonly userId: string;
  /** Only what was started at a smaller one; undefined: all. */
  readonly before: number | undefined;
}

/** What a user could still turn into a session, or prove with: codes, SSO tokens, presence tokens, challenges. */
export async function deleteHeld(db: Db, { userId, before }: HeldBy): Promise<void> {
  const where = { userId, ...(before === undefined ? {} : { credentialVersion: { lt: before } }) };
  await db.oAuth2Authorization.deleteMany({ where });
  await db.ssoToken.deleteMany({ where });
  await db.presenceToken.deleteMany({ where });
  await db.mfaChallenge.deleteMany({ where });
}

const tables = {
  accessTokens: 'auth.access_tokens',
  refreshTokens: 'auth.refresh_tokens',
  authorizations: 'auth.oauth2_authorizations',
  oauth1Tokens: 'auth.oauth1_tokens',
  nonces: 'auth.oauth1_nonces',
  ssoTokens: 'auth.sso_tokens',
  presenceTokens: 'auth.presence_tokens',
  challenges: 'auth.mfa_challenges',
  oidcRequests: 'auth.oidc_requests',
  loginAttempts: 'auth.oidc_login_attempts',
  sessions: 'auth.sessions',
} as const;

export interface Sweeping {
  readonly table: keyof typeof tables;
  /** What is over: when this moment had come before the given one, or its session has ended. */
  readonly by: 'expires_at' | 'created_at' | 'ended_at' | 'its session';
  readonly until: Date;
  /** How many rows at most. */
  readonly most: number;
}

/** How many there were. Rows that somebody is using are left for the next time. */
export function deleteOver(db: Db, { table, by, until, most }: Sweeping): Promise<number> {
  const name = Prisma.raw(tables[table]);
  const over =
    by === 'its session'
      ? Prisma.sql`session_id IN (SELECT id FROM auth.sessions WHERE ended_at <= ${until})`
      : Prisma.sql`${Prisma.raw(by)} <= ${until}`;
  return db.$executeRaw`
    DELETE FROM ${name} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${name} WHERE ${over} LIMIT ${most} FOR UPDATE SKIP LOCKED))`;
}

/** The sessions that they belonged to. One that an access token came with stays until that one has gone. */
export async function deleteExpiredRefreshTokens(db: Db, until: Date, most: number): Promise<string[]> {
  const rows = await db.$queryRaw<{ sessionId: string }[]>`
    DELETE FROM auth.refresh_tokens WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM auth.refresh_tokens t WHERE expires_at <= ${until}
        AND NOT EXISTS (SELECT 1 FROM auth.access_tokens a WHERE a.refresh_token_id = t.id)
      LIMIT ${most} FOR UPDATE SKIP LOCKED
    )) RETURNING session_id::text AS "sessionId"`;
  return rows.map(({ sessionId }) => sessionId);
}

/** Those of the sessions that have no token any more. Nobody loses access by this: there is none left. */
export async function endWithoutTokens(db: Db, sessionIds: readonly string[], endedAt: Date): Promise<void> {
  await db.session.updateMany({
    where: {
      id: { in: [...sessionIds] },
      endedAt: null,
      accessTokens: { none: {} },
      refreshTokens: { none: {} },
      oauth1Token: { is: null },
    },
    data: { endedAt },
  });
}
