// Automatic persisted queries: texts that clients have sent along with their SHA-256, and name by it from then on. A
// bounded number in memory; with Redis for all gateways together. A text that does not fit its hash is never given out.
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { BoundedCache } from '../../platform/bounded-cache.ts';

export interface PersistedQueries {
  find(hash: string): Promise<string | undefined>;
  /** Whoever keeps has checked that the text fits its hash, and is an operation. */
  keep(hash: string, text: string): void;
}

const mostTexts = 500;
/** Characters. Longer texts run as well; they are sent each time. */
const longestText = 65_536;
/** Texts share this many places in Redis, so that whoever keeps many displaces some, and fills nothing. */
const places = 2_048;
const keptSeconds = 7 * 86_400;
const prefix = 'caregraph:persisted-query:';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The connection must fail commands at once while Redis is away: the client sends the text again then. */
export function createPersistedQueries(redis?: Redis): PersistedQueries {
  const known = new BoundedCache<string, string>(mostTexts);
  const keyOf = (hash: string) => `${prefix}${Number.parseInt(hash.slice(0, 8), 16) % places}`;
  return {
    async find(hash) {
      const own = known.get(hash);
      if (own !== undefined || redis === undefined) return own;
      const shared = await redis.get(keyOf(hash)).catch(() => null);
      if (shared === null || sha256(shared) !== hash) return undefined;
      known.set(hash, shared);
      return shared;
    },
    keep(hash, text) {
      if (text.length > longestText || known.get(hash) !== undefined) return;
      known.set(hash, text);
      redis?.set(keyOf(hash), text, 'EX', keptSeconds).catch(() => undefined);
    },
  };
}
