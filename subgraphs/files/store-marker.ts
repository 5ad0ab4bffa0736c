// Whose the store of bytes is. Before anything in it is taken for rubbish, it must be certain that no other database
// refers to it: the store says so itself, in an object that holds the id of each database that uses it.
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { isId } from '../../platform/ids.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import { type ByteStore, MissingBytes } from './byte-store.ts';
import type { SweepStore } from './sweep-store.ts';

/** The key of that object. */
export const markerKey = '00000000-0000-0000-0000-000000000000';

export interface StoreMarkerParts {
  readonly bytes: ByteStore;
  readonly rows: Pick<SweepStore, 'storeId' | 'unknownOf'>;
  readonly log: Logger;
}

/** Nobody reads more of what may be anything. */
const mostMarkerBytes = 4_096;
/** Looked at in a store without a marker. */
const mostSamples = 1_000;

/** Whether the store belongs to this database alone; an error is logged when not. A store without a marker gets one. */
export async function isOwnStore({ bytes, rows, log }: StoreMarkerParts): Promise<boolean> {
  const own = await rows.storeId();
  const ids = await readMarker(bytes);
  if (ids === undefined) {
    if (await isOfOthers(bytes, rows)) {
      log.error({}, 'the store holds bytes of another database: give this one a store of its own; nothing is swept');
      return false;
    }
    await writeMarker(bytes, [own]);
    return true;
  }
  if (ids.length === 1 && ids[0] === own) return true;
  // From here on the others do not sweep either: they would take the bytes of this database for rubbish.
  if (!ids.includes(own)) await writeMarker(bytes, [...ids, own]);
  log.error({ own, ids }, 'databases share the store of bytes: give each a store of its own; nothing is swept');
  return false;
}

/** Undefined without a marker. */
async function readMarker(bytes: ByteStore): Promise<string[] | undefined> {
  try {
    const text = await buffer(await bytes.get(markerKey, { start: 0, end: mostMarkerBytes - 1 }));
    return text.toString('utf8').split('\n').filter(isId);
  } catch (error) {
    if (error instanceof MissingBytes) return undefined;
    throw error;
  }
}

async function writeMarker(bytes: ByteStore, ids: readonly string[]): Promise<void> {
  await bytes.put(markerKey, Readable.from([Buffer.from(ids.join('\n'))], { objectMode: false }));
}

/** Whether there is something in the store, and nothing that this database knows. */
async function isOfOthers(bytes: ByteStore, rows: Pick<SweepStore, 'unknownOf'>): Promise<boolean> {
  const keys: string[] = [];
  for await (const page of bytes.list()) {
    keys.push(...page.map(({ key }) => key).filter((key) => isId(key) && key !== markerKey));
    if (keys.length >= mostSamples) break;
  }
  return keys.length > 0 && (await rows.unknownOf(keys)).length === keys.length;
}
