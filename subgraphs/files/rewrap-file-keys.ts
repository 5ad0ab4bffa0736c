// The job `rewrapFileKeys`: brings the key of every file under the current master key, and encrypts the bytes of files
// that were stored before there was encryption. Each run does some files and queues the next one.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { invariant } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { JobHandler } from '../../platform/jobs/job.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import { MissingBytes } from './byte-store.ts';
import { DamagedBytes } from './damaged-bytes.ts';
import type { EncryptedStore } from './encrypted-store.ts';
import type { MasterKeys } from './master-keys.ts';
import type { FileToRewrap, RewrapStore } from './rewrap-store.ts';
import type { SegmentStore } from './segment-store.ts';

export interface RewrapParts {
  readonly rows: RewrapStore;
  readonly segmentsOf: SegmentStore['findSegments'];
  readonly bytes: EncryptedStore;
  readonly masterKeys: MasterKeys;
  readonly log: Logger;
}

/** Files in one run. */
const batch = 100;

export function rewrapFileKeysJob(parts: RewrapParts): JobHandler {
  return {
    async run({ after }) {
      const last = await rewrapSome(parts, after === undefined ? undefined : String(after));
      if (last !== undefined) return parts.rows.enqueue(last);
      const { currentId } = parts.masterKeys;
      const left = await parts.rows.countNotUnder(currentId);
      parts.log.info({ masterKeyId: currentId, left }, 'the keys of files were brought under the current master key');
    },
    // A hundred files can be large.
    timeout: 2 * 60 * 60,
    concurrency: 1,
  };
}

/** At start: queues the job where there is something to do, and tells of master keys that are not the right ones. */
export async function checkFileKeys({ rows, masterKeys, log }: RewrapParts): Promise<void> {
  const used = await rows.masterKeyIds();
  const ids = used.filter((id) => id !== null);
  const unknown = ids.filter((id) => !masterKeys.ids.includes(id));
  if (unknown.length > 0) {
    const files = await rows.countUnder(unknown);
    log.error({ masterKeyIds: unknown, files }, 'master keys are missing: their files cannot be read');
  }
  for (const id of ids.filter((known) => !unknown.includes(known))) {
    const file = await rows.findOneUnder(id);
    if (file !== undefined && !opens(file, masterKeys)) {
      log.error({ masterKeyId: id }, 'a master key is not the one that its files were encrypted with');
    }
  }
  const isToDo = used.some((id) => id === null || (id !== masterKeys.currentId && !unknown.includes(id)));
  if (isToDo) await rows.enqueue();
}

function opens(file: Parameters<MasterKeys['open']>[0], masterKeys: MasterKeys): boolean {
  try {
    masterKeys.open(file);
    return true;
  } catch {
    return false;
  }
}

/** The id of the last file that was looked at; undefined when there was none left. */
async function rewrapSome(parts: RewrapParts, after: string | undefined): Promise<string | undefined> {
  const { rows, masterKeys, log } = parts;
  const masterKeyIds = masterKeys.ids.filter((id) => id !== masterKeys.currentId);
  const files = await rows.listToRewrap({ after, masterKeyIds, take: batch });
  for (const file of files) {
    try {
      await (file.wrappedKey === null ? encryptFile(file, parts) : rows.replaceKey(file, masterKeys.rewrap(file)));
    } catch (err) {
      // What is wrong with one file is no reason to leave the others; anything else is tried again.
      if (!(err instanceof DamagedBytes || err instanceof MissingBytes)) throw err;
      log.error({ err, fileId: file.id }, 'a file is damaged or lost: its key stays as it is');
    }
  }
  return files.at(-1)?.id;
}

async function encryptFile(file: FileToRewrap, parts: RewrapParts): Promise<void> {
  const { rows, masterKeys, segmentsOf, bytes } = parts;
  const { key, ...wrapped } = masterKeys.newFileKey(file.id);
  if (file.status === 'AWAITING_BYTES') {
    await rows.encrypt(file.id, wrapped);
    return;
  }
  const found = await segmentsOf(file.id);
  // Deleted, or done by another process, a moment ago.
  if (found === undefined || found.file.wrappedKey !== null) return;
  const [segment, ...more] = found.segments;
  if (segment === undefined) throw new DamagedBytes(file.id, 'the file has no segment');
  invariant(more.length === 0, 'files had one segment before there was encryption');
  const to = newId();
  await bytes.put(to, await verified(file, segment.storeKey, bytes), key);
  const isDone = await rows.encrypt(file.id, wrapped, { from: segment.storeKey, to });
  if (!isDone) await bytes.delete(to);
}

/** The bytes that were stored; the stream fails at its end when they are others, so that nothing is kept of it. */
async function verified(
  { id, size, sha256 }: FileToRewrap,
  storeKey: string,
  bytes: EncryptedStore,
): Promise<Readable> {
  const stored = await bytes.get(storeKey, { key: undefined, size: Number(size) });
  const hash = createHash('sha256');
  async function* passing(): AsyncGenerator<Uint8Array> {
    for await (const chunk of stored as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      yield chunk;
    }
    if (hash.digest('hex') !== sha256) throw new DamagedBytes(storeKey, `the file ${id} has another SHA-256`);
  }
  return Readable.from(passing(), { objectMode: false });
}
