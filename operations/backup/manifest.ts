// What a backup says of itself. Written last: a folder without it is no backup.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StartError } from '../../platform/start-error.ts';
import { hashFile, writeHashed } from './hashed-files.ts';

const part = z.object({ file: z.string().regex(/^[a-z]+\.[a-z]+$/), bytes: z.number(), sha256: z.string() });

const manifestShape = z.object({
  format: z.literal(1),
  /** Of the program that wrote it. */
  version: z.string(),
  createdAt: z.string(),
  /** `server`: what pg_dump made; `embedded`: the folder of the embedded database. */
  database: z.enum(['server', 'embedded']),
  /** The major version of PostgreSQL. */
  postgres: z.number(),
  migrations: z.array(z.string()),
  /** The newest position of the log. */
  position: z.string(),
  /** Rows of each table. */
  tables: z.record(z.string(), z.number()),
  bytes: z.object({
    objects: z.number(),
    /** Keys of objects that were deleted, with what referred to them, while the backup was made. */
    deletedMeanwhile: z.array(z.string()),
    /** Keys of objects that rows refer to and that the store does not have. */
    missing: z.array(z.string()),
  }),
  /** Fingerprints: they tell the right keys from others, and nothing about them. */
  keys: z.object({ serviceSecret: z.string(), fileKeys: z.record(z.string(), z.string()) }),
  /** Ids of the master keys that files in it need. */
  neededFileKeys: z.array(z.string()),
  parts: z.object({ database: part, bytes: part, keys: part.optional() }),
});

export type Manifest = z.infer<typeof manifestShape>;
export type Part = z.infer<typeof part>;

const name = 'manifest.json';
const sumName = 'manifest.json.sha256';

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const text = Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`);
  const { sha256 } = await writeHashed(join(folder, name), chunksOf(text));
  // As sha256sum writes it, so that `sha256sum -c` reads it.
  await writeFile(join(folder, sumName), `${sha256}  ${name}\n`, { flag: 'wx', mode: 0o600 });
}

export async function* chunksOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** The manifest, once it and all parts that it names are found to be as they were written. */
export async function readVerifiedManifest(folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  for (const { file, bytes, sha256 } of Object.values(manifest.parts)) {
    const found = await hashFile(join(folder, file));
    if (found === undefined) throw new StartError(`The backup is not whole: ${file} is missing. Nothing was restored.`);
    if (found.bytes !== bytes || found.sha256 !== sha256) throw damaged(file);
  }
  return manifest;
}

async function readManifest(folder: string): Promise<Manifest> {
  const found = await hashFile(join(folder, name));
  const sum = await readFile(join(folder, sumName), 'utf8').catch(() => undefined);
  if (found === undefined || sum === undefined) {
    throw new StartError(`${folder} holds no finished backup: ${found === undefined ? name : sumName} is missing.`);
  }
  if (sum.split(' ')[0] !== found.sha256) throw damaged(name);
  const content: unknown = JSON.parse(await readFile(join(folder, name), 'utf8'));
  const { data: given } = z.object({ format: z.number() }).safeParse(content);
  if (given !== undefined && given.format > 1) {
    throw new StartError('The backup was made by a newer version of Caregraph: restore it with that one.');
  }
  const parsed = manifestShape.safeParse(content);
  if (!parsed.success) throw damaged(name);
  return parsed.data;
}

function damaged(file: string): StartError {
  return new StartError(`The backup is damaged: ${file} is not what was written. Nothing was restored.`);
}
