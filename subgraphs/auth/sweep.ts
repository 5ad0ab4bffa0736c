// Deletes what is over, so that the tables stay as large as what is in use. Nothing depends on it: what has expired is
// refused whether it is still there or not.
import type { JobHandler } from '../../platform/jobs/job.ts';
import type { AuthParts } from './auth-parts.ts';
import { deleteExpiredRefreshTokens, deleteOver, endWithoutTokens, type Sweeping } from './cleanup-store.ts';

const hour = 3_600_000;
const day = 24 * hour;

interface Rule extends Pick<Sweeping, 'table' | 'by'> {
  /** How long it is kept when it is over, in milliseconds. */
  readonly kept: number;
}

/** In this order: a refresh token goes after its access tokens, a session after its tokens. */
const rules: readonly (Rule | 'refresh tokens')[] = [
  // A client that comes with one of these is told that it has expired; later it is unknown.
  { table: 'accessTokens', by: 'expires_at', kept: hour },
  'refresh tokens',
  { table: 'accessTokens', by: 'its session', kept: 0 },
  { table: 'refreshTokens', by: 'its session', kept: 0 },
  { table: 'oauth1Tokens', by: 'its session', kept: 0 },
  // The second use of a code that was redeemed betrays a theft.
  { table: 'authorizations', by: 'expires_at', kept: hour },
  { table: 'nonces', by: 'expires_at', kept: 0 },
  { table: 'ssoTokens', by: 'expires_at', kept: 0 },
  { table: 'presenceTokens', by: 'expires_at', kept: 0 },
  { table: 'challenges', by: 'expires_at', kept: 0 },
  { table: 'oidcRequests', by: 'expires_at', kept: 0 },
  { table: 'loginAttempts', by: 'created_at', kept: 90 * day },
  { table: 'sessions', by: 'ended_at', kept: 30 * day },
];

/** A client whose refresh token has expired is told so for a while; later it is unknown. */
const refreshTokensKept = day;

export interface SweepLimits {
  /** Rows in one statement. */
  readonly batch: number;
  /** Statements for each rule; what is left then waits for the next time. */
  readonly batches: number;
}

const standard: SweepLimits = { batch: 1_000, batches: 200 };

export function sweepJob(parts: AuthParts): JobHandler {
  return {
    run: () => sweep(parts, standard),
    cron: '*/10 * * * *',
    // It comes again by itself.
    retries: 0,
    timeout: 300,
    concurrency: 1,
  };
}

export async function sweep(parts: AuthParts, { batch, batches }: SweepLimits): Promise<void> {
  const now = parts.clock();
  for (const rule of rules) {
    for (let count = 0; count < batches; count += 1) {
      const swept =
        rule === 'refresh tokens'
          ? await sweepRefreshTokens(parts, { now, most: batch })
          : await deleteOver(parts.database.db, { ...rule, until: new Date(now - rule.kept), most: batch });
      if (swept < batch) break;
    }
  }
}

/** How many there were. A session that has none left is over. */
function sweepRefreshTokens({ database }: AuthParts, { now, most }: { now: number; most: number }): Promise<number> {
  return database.write(async ({ db }) => {
    const sessionIds = await deleteExpiredRefreshTokens(db, new Date(now - refreshTokensKept), most);
    if (sessionIds.length > 0) await endWithoutTokens(db, sessionIds, new Date(now));
    return sessionIds.length;
  });
}
