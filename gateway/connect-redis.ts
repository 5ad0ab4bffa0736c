// A connection to Redis for what requests wait for: commands fail at once while Redis is away.
import type { Redis } from 'ioredis';

export interface QuickRedisOptions {
  /** So long a command may take. */
  readonly commandMilliseconds: number;
}

/** The client is loaded only where it is used. */
export async function connectRedis(url: string, { commandMilliseconds }: QuickRedisOptions): Promise<Redis> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url, {
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    maxRetriesPerRequest: 0,
    commandTimeout: commandMilliseconds,
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 2_000),
  });
  // Whatever fails rejects the command; the bus reports that Redis is away.
  client.on('error', () => {});
  await new Promise<void>((resolve) => {
    // The first requests find it there, unless Redis is away as the gateway starts.
    client.once('ready', resolve);
    setTimeout(resolve, 1_000).unref();
  });
  return client;
}
