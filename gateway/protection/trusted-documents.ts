// Trusted documents: the operations that an application was built with, listed in a file that its build has written. The
// file is looked at again and again; a new one that cannot be read changes nothing.

import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { StartError } from '../../platform/start-error.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import { sha256 } from './persisted-queries.ts';

export interface TrustedDocuments {
  /** By the id that the file has, or by the SHA-256 of the text. */
  find(id: string): string | undefined;
  close(): void;
}

export interface TrustedDocumentsOptions {
  readonly file: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Milliseconds between two looks at the file. */
  readonly interval?: number;
}

const lookMilliseconds = 2_000;

/** What Apollo's `generate-persisted-query-manifest` writes. */
const manifest = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string().min(1), body: z.string().min(1) })),
});
/** What Relay's compiler writes: id → text. */
const texts = z.record(z.string().min(1), z.string().min(1));

/** Rejects with a StartError when the file cannot be read at first. */
export async function startTrustedDocuments(options: TrustedDocumentsOptions): Promise<TrustedDocuments> {
  const { file, log, interval = lookMilliseconds } = options;
  let documents = await readDocuments(file).catch((error: Error) => {
    throw new StartError(`TRUSTED_DOCUMENTS: ${file} cannot be read: ${error.message}`);
  });
  const reload = async () => {
    try {
      documents = await readDocuments(file);
      log.info({ file, documents: documents.size }, 'the trusted documents were read again');
    } catch (error) {
      log.warn({ file, reason: (error as Error).message }, 'the trusted documents cannot be read; those before stay');
    }
  };
  const changed = (now: { mtimeMs: number }, before: { mtimeMs: number }) => {
    if (now.mtimeMs !== before.mtimeMs) void reload();
  };
  watchFile(file, { interval, persistent: false }, changed);
  return {
    find: (id) => documents.get(id),
    close: () => unwatchFile(file, changed),
  };
}

async function readDocuments(file: string): Promise<ReadonlyMap<string, string>> {
  const json: unknown = JSON.parse(await readFile(file, 'utf8'));
  const isManifest = typeof json === 'object' && json !== null && 'format' in json;
  const pairs = isManifest
    ? manifest.parse(json).operations.map(({ id, body }) => [id, body] as const)
    : Object.entries(texts.parse(json));
  return new Map(pairs.flatMap(([id, text]) => [[sha256(text), text] as const, [id, text] as const]));
}
