// Suites that need real servers. Where one is missing the suite is skipped with a line that says so, except under CI,
// which installs them: there it fails.
import { describe, test } from '@jest/globals';
import { findPostgres } from '../../operations/servers/postgres.ts';
import { findRedis } from '../../operations/servers/redis.ts';

const find = { postgres: findPostgres, redis: findRedis };

export function describeOnServers(name: string, servers: readonly (keyof typeof find)[], suite: () => void): void {
  const missing = servers.filter((server) => find[server]() === undefined);
  if (missing.length === 0) {
    describe(name, suite);
  } else if (process.env.CI) {
    test(name, () => {
      throw new Error(`Not installed: ${missing.join(', ')}`);
    });
  } else {
    describe.skip(`${name} (skipped, not installed: ${missing.join(', ')})`, suite);
  }
}
