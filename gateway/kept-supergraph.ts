// The last good supergraph, kept for a gateway that starts while a service is away: in the data directory, and in Redis
// for gateways on other machines. It is signed, so that whoever can write there decides nothing; what does not verify,
// or is of another form, is as good as absent.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { deriveKey } from '../platform/derive-key.ts';
import { newId } from '../platform/ids.ts';
import type { Logger } from '../platform/subgraph/context.ts';
import type { ComposedSupergraph } from './served-supergraph.ts';

export interface KeptSupergraph {
  /** The newest that can be read. */
  find(): Promise<ComposedSupergraph | undefined>;
  /** Where it cannot be kept, a warning says so; it is no fault of who serves it. */
  keep(supergraph: ComposedSupergraph): Promise<void>;
}

export interface KeptSupergraphOptions {
  readonly dataDir: string;
  readonly redisUrl: string | undefined;
  readonly secret: string;
  readonly log: Pick<Logger, 'warn'>;
}

interface Place {
  readonly name: string;
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
}

const shape = z.object({
  keptAt: z.number(),
  contracts: z.array(z.object({ name: z.string(), sdl: z.string() })),
  supergraphSdl: z.string(),
});

export function keepSupergraph({ dataDir, redisUrl, secret, log }: KeptSupergraphOptions): KeptSupergraph {
  const key = deriveKey(secret, 'kept supergraph');
  const places = [onDisk(dataDir), ...(redisUrl === undefined ? [] : [inRedis(redisUrl)])];

  async function readFrom({ name, read }: Place) {
    try {
      const text = await read();
      return text === undefined ? [] : [shape.parse(JSON.parse(verified(text, key)))];
    } catch (error) {
      log.warn({ place: name, reason: (error as Error).message }, 'the last good supergraph cannot be read there');
      return [];
    }
  }

  return {
    async find() {
      const found = (await Promise.all(places.map(readFrom))).flat();
      return found.toSorted((one, other) => other.keptAt - one.keptAt)[0];
    },
    async keep({ contracts, supergraphSdl }) {
      const text = signed(JSON.stringify({ keptAt: Date.now(), contracts, supergraphSdl }), key);
      await Promise.all(
        places.map(({ name, write }) =>
          write(text).catch((error: Error) => {
            log.warn({ place: name, reason: error.message }, 'the supergraph cannot be kept there');
          }),
        ),
      );
    },
  };
}

function signed(text: string, key: Uint8Array): string {
  return `${createHmac('sha256', key).update(text).digest('hex')}\n${text}`;
}

function verified(content: string, key: Uint8Array): string {
  const end = content.indexOf('\n');
  const text = content.slice(end + 1);
  const given = Buffer.from(content.slice(0, Math.max(0, end)), 'hex');
  const expected = createHmac('sha256', key).update(text).digest();
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new Error('It is broken, or signed with another SERVICE_SECRET.');
  }
  return text;
}

function onDisk(dataDir: string): Place {
  const file = join(dataDir, 'last-supergraph');
  return {
    name: file,
    read: () =>
      readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      }),
    async write(text) {
      await mkdir(dataDir, { recursive: true });
      // Whole or not at all, whatever happens meanwhile, and beside another gateway that shares the directory.
      const draft = `${file}.${newId()}`;
      await writeFile(draft, text, { mode: 0o600 });
      await rename(draft, file);
    },
  };
}

const redisKey = 'caregraph:supergraph';

/** A connection for each use: it is used when the program starts and when a contract changes. */
function inRedis(url: string): Place {
  async function once<T>(work: (client: Redis) => Promise<T>): Promise<T> {
    const client = new Redis(url, {
      lazyConnect: true,
      connectTimeout: 2_000,
      commandTimeout: 2_000,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    // Whatever fails rejects the command.
    client.on('error', () => {});
    try {
      await client.connect();
      return await work(client);
    } finally {
      client.disconnect();
    }
  }
  return {
    name: 'Redis',
    read: () => once(async (client) => (await client.get(redisKey)) ?? undefined),
    write: (text) =>
      once(async (client) => {
        await client.set(redisKey, text);
      }),
  };
}
