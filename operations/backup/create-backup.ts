// Makes a backup: the database as of one moment, then the bytes that its rows refer to, then the keys. Bytes are stored
// before their rows commit and removed after, so what the database of that moment refers to is there, but for what has
// been deleted since.
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Config } from '../../platform/config.ts';
import { projectFolder } from '../../platform/project-folder.ts';
import { StartError } from '../../platform/start-error.ts';
import type { ByteStore } from '../../subgraphs/files/byte-store.ts';
import { createByteStore } from '../../subgraphs/files/create-byte-store.ts';
import { packBytes } from './bytes-archive.ts';
import { type DatabaseSource, openDatabaseSource } from './database-source.ts';
import { writeHashed } from './hashed-files.ts';
import { findKeys, fingerprintsOf, type Keys, sealKeys } from './keys.ts';
import { chunksOf, type Manifest, type Part, writeManifest } from './manifest.ts';

export interface BackupOptions {
  /** New or empty. */
  readonly folder: string;
  readonly config: Config;
  /** What pg_dump inherits. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Undefined: the keys are left out. */
  readonly passphrase: string | undefined;
  /** Told what is being done. */
  readonly tell: (line: string) => void;
}

const databaseFiles = { server: 'database.dump', embedded: 'database.tar' } as const;
const keyList = 'keys.list';

export async function createBackup(options: BackupOptions): Promise<Manifest> {
  const { folder, config, environment } = options;
  const keys = await findKeys(config);
  if (keys === undefined) {
    throw new StartError('SERVICE_SECRET is needed: what is sealed and encrypted in the backup belongs to it.');
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) throw new StartError(`${folder} is not empty: name a new folder.`);
  const { databaseUrl, dataDir } = config;
  const source = await openDatabaseSource({ databaseUrl, dataDir, environment });
  try {
    const bytes = await createByteStore(config);
    try {
      return await write(source, bytes, keys, options);
    } finally {
      bytes.close();
    }
  } catch (error) {
    // Half a backup is of no use, and the folder can be named again.
    for (const name of await readdir(folder)) await rm(join(folder, name));
    throw error;
  } finally {
    await source.close();
  }
}

async function write(
  source: DatabaseSource,
  bytes: ByteStore,
  keys: Keys,
  { folder, passphrase, tell }: BackupOptions,
): Promise<Manifest> {
  const createdAt = new Date().toISOString();
  const part = async (file: string, content: AsyncIterable<Uint8Array>): Promise<Part> => ({
    file,
    ...(await writeHashed(join(folder, file), content)),
  });

  // First what fails at once when it fails.
  const keysPart =
    passphrase === undefined ? undefined : await part('keys.json', chunksOf(await sealKeys(keys, passphrase)));
  tell('The database …');
  const database = await part(databaseFiles[source.kind], source.dump());
  // Copying bytes can take hours, and a server should not keep a snapshot for so long.
  await writeHashed(join(folder, keyList), linesOf(source.storeKeys()));
  await source.release();
  tell('The bytes of files …');
  const packed = packBytes(bytes, readLines(join(folder, keyList)));
  const bytesPart = await part('bytes.tar', packed.archive);
  await rm(join(folder, keyList));

  const missing = [...(await source.stillReferenced(packed.absent()))];
  const manifest: Manifest = {
    format: 1,
    version: await readVersion(),
    createdAt,
    database: source.kind,
    ...source.facts,
    bytes: {
      objects: packed.objects(),
      deletedMeanwhile: packed.absent().filter((key) => !missing.includes(key)),
      missing,
    },
    keys: fingerprintsOf(keys),
    parts: { database, bytes: bytesPart, ...(keysPart === undefined ? {} : { keys: keysPart }) },
  };
  await writeManifest(folder, manifest);
  return manifest;
}

async function* linesOf(pages: AsyncIterable<readonly string[]>): AsyncIterable<Uint8Array> {
  for await (const page of pages) yield Buffer.from(page.map((key) => `${key}\n`).join(''));
}

function readLines(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file) });
}

/** Of this program. */
export async function readVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(projectFolder(), 'package.json'), 'utf8')) as { version: string };
  return version;
}
