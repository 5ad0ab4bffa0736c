// Earlier contents are read a batch at a time: right for long histories and many documents at once, whoever writes
// meanwhile, on both databases.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Prisma } from '../../../generated/prisma/client.ts';
import type { SlowReads } from '../../../platform/database/query-gate.ts';
import { newId } from '../../../platform/ids.ts';
import { type DataService, onEachDatabase, person } from '../../../tests/support/data-service.ts';
import { type DocumentClient, documentClient } from '../../../tests/support/document-client.ts';
import { findEarlierData } from './earlier-data.ts';
import type { ContentRow } from './store.ts';

let service: DataService;
let client: DocumentClient;
let schemaName: string;
const who = person();
const properties = { n: { type: 'number' }, list: { type: 'array', items: { type: 'number' } } };
const own = { properties, readMode: ['creator'], updateMode: ['creator'], deleteMode: ['creator'] };
const large = 1e9;

const contentOf = (version: number) => ({ n: 0, list: Array(40).fill(version) });

/** The id of a document with so many versions, each with another list; made at once, as one by one takes long. */
async function documentWith(versions: number): Promise<string> {
  const id = await service.document(who, schemaName, contentOf(1));
  const list = (version: string) => Prisma.raw(`to_jsonb(array_fill(${version}, ARRAY[40]))`);
  await service.database.forService<never>('data').db.$executeRaw(Prisma.sql`
    WITH written AS (
      UPDATE data.documents SET version = ${versions}::int, data = jsonb_set(data, '{list}', ${list(`${versions}`)})
      WHERE id = ${id}::uuid
    )
    INSERT INTO data.document_versions (document_id, version, kind, transitions, status, changes, updated_at)
    SELECT ${id}::uuid, n, 'UPDATED', '{}', 'new', jsonb_build_array(jsonb_build_object('path', '["data", "list"]'::jsonb,
      'before', ${list('n - 1')}, 'after', ${list('n')})), now()
    FROM generate_series(2, ${versions}::int) AS n`);
  return id;
}

/** What is read, batch by batch; `between` runs after the first. */
function watch(between?: () => Promise<unknown>): { readonly reads: SlowReads; readonly batches: ContentRow[][] } {
  const { db } = service.database.forService<never>('data');
  const batches: ContentRow[][] = [];
  const reads: SlowReads = {
    async $queryRaw<Rows>(statement: Prisma.Sql) {
      const rows = await db.$queryRaw<Rows>(statement);
      batches.push(rows as ContentRow[]);
      if (batches.length === 1) await between?.();
      return rows;
    },
  };
  return { reads, batches };
}

const keysOf = (documentId: string, versions: readonly number[]) =>
  versions.map((version) => ({ documentId, version }));
const sizeOf = (batch: readonly ContentRow[]) => JSON.stringify(batch.map(({ changes }) => changes)).length;

onEachDatabase((start) => {
  beforeAll(async () => {
    service = await start();
    client = documentClient(service);
    schemaName = await service.schema(own);
  });
  afterAll(() => service.close());

  test('there is nothing of documents and versions that do not exist', async () => {
    const id = await documentWith(3);
    const keys = [...keysOf(newId(), [1, 2]), ...keysOf(id, [4, 3, 2 ** 31 - 1])];
    const { reads, batches } = watch();
    expect(await findEarlierData(reads, keys)).toEqual([null, null, null, contentOf(3), null]);
    expect(batches.length).toBe(1);
    expect(await findEarlierData(reads, [])).toEqual([]);
    expect(batches.length).toBe(1);
  });

  test('thousands of versions are read in batches that are not larger than told', async () => {
    const id = await documentWith(4_000);
    const asked = [1, 2, 1_234, 3_999, 4_000, 17, 17];
    const { reads, batches } = watch();
    expect(await findEarlierData(reads, keysOf(id, asked), 50_000)).toEqual(asked.map(contentOf));
    expect(batches.flat().map(({ version }) => version)).toEqual(Array.from({ length: 4_000 }, (_, n) => 4_000 - n));
    const sizes = batches.map(sizeOf);
    expect(Math.max(...sizes)).toBeLessThan(50_000);
    expect(batches.length).toBeLessThan(40);
    // What the changes led to is not read.
    expect(batches[0]?.[1]?.changes).toEqual([{ path: ['data', 'list'], before: contentOf(3_999).list }]);
  });

  test('a batch of the usual size holds thousands of small changes, and what is not asked for is not read', async () => {
    const id = await documentWith(4_000);
    const { reads, batches } = watch();
    expect(await findEarlierData(reads, keysOf(id, [2_000]))).toEqual([contentOf(2_000)]);
    expect(batches.map((batch) => batch.length)).toEqual([2_001]);
  });

  test('many documents cost as many statements as the longest of them', async () => {
    const ids = await Promise.all([30, 30, 5, 1, 17, 30, 2, 30, 30, 30].map((versions) => documentWith(versions)));
    const keys = ids.flatMap((id) => keysOf(id, [1]));
    const costs = await Promise.all(
      [large, 1].flatMap((bytes) =>
        [keys.slice(0, 1), keys].map(async (some) => {
          const { reads, batches } = watch();
          expect(await findEarlierData(reads, some, bytes)).toEqual(some.map(() => contentOf(1)));
          return batches.length;
        }),
      ),
    );
    // However little fits, each goes on by a version.
    expect(costs).toEqual([1, 1, 29, 29]);
  });

  test('all documents together are not larger than told, and what is done makes room for the others', async () => {
    const ids = [await documentWith(800), await documentWith(100), await documentWith(100), await documentWith(100)];
    const { reads, batches } = watch();
    const keys = ids.flatMap((id) => keysOf(id, [1, 50]));
    expect(await findEarlierData(reads, keys, 40_000)).toEqual(keys.map(({ version }) => contentOf(version)));
    expect(Math.max(...batches.map(sizeOf))).toBeLessThan(40_000);
    const [first = [], second = []] = [batches[0], batches.at(-2)];
    expect(second.length).toBeGreaterThan(3 * first.filter(({ documentId }) => documentId === ids[0]).length);
  });

  test('what is written between two batches is not seen', async () => {
    const id = await documentWith(20);
    const { reads, batches } = watch(async () => {
      await client.send(who, 'update', { id, data: { n: 7, list: [] } });
      await client.send(who, 'restore', { id, version: 3 });
    });
    const keys = keysOf(id, [22, 21, 20, 19, 10, 1]);
    const contents = [20, 19, 10, 1].map(contentOf);
    expect(await findEarlierData(reads, keys, 1_000)).toEqual([null, null, ...contents]);
    expect(batches.length).toBeGreaterThan(2);
    const { db } = service.database.forService<never>('data');
    expect(await findEarlierData(db, keys, 1_000)).toEqual([contentOf(3), { n: 7, list: [] }, ...contents]);
  });

  test('of a document that is deleted between two batches there is no more', async () => {
    const [id, other] = [await documentWith(20), await documentWith(20)];
    const { reads, batches } = watch(() => client.send(who, 'delete', { id }));
    const keys = [...keysOf(id, [1]), ...keysOf(other, [1])];
    expect(await findEarlierData(reads, keys, 2_000)).toEqual([null, contentOf(1)]);
    expect(
      batches
        .slice(2)
        .flat()
        .map(({ documentId }) => documentId),
    ).not.toContain(id);
  });
});
