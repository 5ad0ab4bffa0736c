// Whatever was done to a document, each of its versions has the content that was stored then.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type DataService, person, startDataService } from '../../../tests/support/data-service.ts';
import { type DocumentClient, documentClient } from '../../../tests/support/document-client.ts';
import type { DocumentMutation } from '../../../tests/support/document-operations.ts';
import { findEarlierData } from './earlier-data.ts';

let service: DataService;
let client: DocumentClient;
let schemaName: string;
const who = person();

beforeAll(async () => {
  service = await startDataService();
  client = documentClient(service);
  const properties = {
    n: { type: 'number' },
    note: { type: 'string' },
    inner: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'string' } } },
    list: { type: 'array', items: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'string' } } } },
    free: { type: 'object', additionalProperties: { type: 'string' } },
  };
  // A version whose changes are not of the data.
  const actions = [{ type: 'linkCreator' }];
  const transitions = [{ name: 'go', type: 'manual', fromStatuses: ['new'], toStatus: 'new', actions }];
  schemaName = await service.schema({ properties, transitions, readMode: ['creator'], updateMode: ['creator'] });
});
afterAll(() => service.close());

interface Step {
  readonly mutation: DocumentMutation;
  readonly input: object;
  /** Which of the items or versions that are there then. */
  readonly place: number;
}

const item = fc.record({ a: fc.integer(), b: fc.string({ unit: 'grapheme' }) }, { requiredKeys: [] });
const data = fc.record(
  {
    n: fc.option(fc.integer()),
    note: fc.option(fc.string()),
    inner: fc.option(item),
    list: fc.option(fc.array(item, { maxLength: 3 })),
    free: fc.option(fc.dictionary(fc.constantFrom('p', 'q.r', 'ä'), fc.string(), { noNullPrototype: true })),
  },
  { requiredKeys: [] },
);
const fields = fc.subarray(['n', 'note', 'inner.a', 'list', 'free.p'], { minLength: 1 });

const stepOf = (mutation: DocumentMutation, input: fc.Arbitrary<object>): fc.Arbitrary<Step> =>
  fc.record({ mutation: fc.constant(mutation), input, place: fc.nat() });
const step = fc.oneof(
  { weight: 2, arbitrary: stepOf('update', fc.record({ data })) },
  stepOf('addItem', fc.record({ path: fc.constant('list'), item })),
  stepOf('updateItem', fc.record({ path: fc.constant('list'), item })),
  stepOf('deleteItem', fc.record({ path: fc.constant('list') })),
  stepOf('deleteFields', fc.record({ fields })),
  stepOf('restore', fc.constant({})),
  stepOf('transition', fc.constant({ name: 'go' })),
);

interface Written {
  readonly version: number;
  readonly data: { readonly list?: readonly { readonly id: string }[] };
}

/** What says which item or version is meant; undefined when there is none. */
function targetOf({ mutation, place }: Step, { version, data: { list = [] } }: Written): object | undefined {
  if (mutation === 'restore') return { version: (place % version) + 1 };
  if (mutation !== 'updateItem' && mutation !== 'deleteItem') return {};
  const itemId = list[place % list.length]?.id;
  return itemId === undefined ? undefined : { itemId };
}

/** The contents of the document's versions, as each write answered them. */
async function write(id: string, steps: readonly Step[]): Promise<ReadonlyMap<number, unknown>> {
  let now: Written = await client.read(who, id);
  const contents = new Map<number, unknown>([[now.version, now.data]]);
  for (const change of steps) {
    const target = targetOf(change, now);
    if (target === undefined) continue;
    now = (await client.send(who, change.mutation, { id, ...change.input, ...target })).document;
    contents.set(now.version, now.data);
  }
  return contents;
}

test('every version of random changes has the content of then, however little is read at once', async () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 1_000 }), async (changes, bytes) => {
      const id = await service.document(who, schemaName, { n: 0 });
      const contents = await write(id, changes);
      const { nodes, totalCount } = await client.versions(who, id);
      expect(totalCount).toBe(contents.size);
      expect(nodes.map((node: Written) => [node.version, node.data])).toEqual([...contents].reverse());
      const keys = [...contents.keys()].map((version) => ({ documentId: id, version }));
      const { db } = service.database.forService<never>('data');
      expect(await findEarlierData(db, keys, bytes)).toEqual([...contents.values()]);
    }),
    { numRuns: 15 },
  );
});
