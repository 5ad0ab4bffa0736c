// Filters of documentChanged: what passes after a change or passed before it, live and from an earlier position, at a cost
// that does not grow with the batch.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LogEvent } from '../../../platform/events/event.ts';
import type { SubgraphDefinition } from '../../../platform/subgraph/define-subgraph.ts';
import { type DataService, type Person, person, startDataService } from '../../../tests/support/data-service.ts';
import { peopleIn } from '../../../tests/support/people.ts';
import { recordStatements } from '../../../tests/support/recorded-statements.ts';
import { users } from '../../users/index.ts';

let service: DataService;
beforeAll(async () => {
  service = await startDataService({ others: [users as SubgraphDefinition] });
});
afterAll(() => service.close());

const definition = {
  properties: { n: { type: 'number' }, note: { type: 'string' }, secret: { type: 'string', queryable: false } },
  readMode: ['creator', 'linkedUsers'],
  updateMode: ['creator'],
  deleteMode: ['creator'],
  statuses: { new: {}, old: {} },
  transitions: [
    { name: 'age', type: 'manual', fromStatuses: ['new'], toStatus: 'old' },
    { name: 'renew', type: 'manual', fromStatuses: ['old'], toStatus: 'new' },
  ],
};
const subscription = `subscription ($schemaName: String, $filter: DocumentFilter, $rql: String) {
  documentChanged(schemaName: $schemaName, filter: $filter, rql: $rql) { kind position documentId matchesFilter document { id } }
}`;

interface Told {
  readonly kind: string;
  readonly documentId: string;
  readonly matchesFilter: boolean;
}

async function told(who: Person, events: readonly LogEvent[], variables: object): Promise<(Told | null)[]> {
  const request = { query: subscription, variables: { ...variables }, identity: who, events };
  return (await service.graph.executeEvents('data', request)).map((result) => {
    expect(result?.errors).toBeUndefined();
    return result?.data.documentChanged ?? null;
  });
}

const position = async () => (await service.graph.readLog()).at(-1)?.position ?? 0n;
const update = (id: string, n: number) =>
  `mutation { updateDocument(input: { id: "${id}", data: { n: ${n} } }) { document { id } } }`;
const move = (id: string, name: string) =>
  `mutation { transitionDocument(input: { id: "${id}", name: "${name}" }) { document { id } } }`;

describe('a subscription is refused where', () => {
  const opening = (variables: object) =>
    service.graph.executeEvents('data', {
      query: subscription,
      variables: { ...variables },
      identity: person(),
      events: [],
    });

  test.each([
    ['the filter names no schema', {}, { filter: { field: 'status', eq: 'new' } }, 'filter'],
    ['RQL names no schema', {}, { rql: 'eq(status,new)' }, 'rql'],
    ['the filter has no field', { schema: true }, { filter: { eq: 'new' } }, 'filter.field'],
    ['a field is not queryable', { schema: true }, { filter: { field: 'data.secret', eq: 'x' } }, 'filter.field'],
    ['RQL does more than filter', { schema: true }, { rql: 'sort(status)' }, 'rql'],
    ['RQL is none', { schema: true }, { rql: 'eq(' }, 'rql'],
  ])('%s', async (_words, { schema = false }: { schema?: boolean }, variables, field) => {
    const schemaName = schema ? { schemaName: await service.schema(definition) } : {};
    await expect(opening({ ...schemaName, ...variables })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field },
    });
  });
});

test('a filter that the schema makes invalid ends what is open', async () => {
  const [pat, schemaName, from] = [person(), await service.schema(definition), await position()];
  await service.document(pat, schemaName, { n: 1 });
  const variables = { schemaName, filter: { field: 'data.n', ge: 1 } };
  const events = await service.graph.readLog(from);
  expect(await told(pat, events, variables)).toMatchObject([{ matchesFilter: true }]);
  const properties = { ...definition.properties, n: { type: 'number', queryable: false } };
  const change = `mutation ($input: UpdateDocumentSchemaInput!) { updateDocumentSchema(input: $input) { schema { id } } }`;
  await service.ask(person({ permissions: ['UPDATE_SCHEMAS'] }), change, {
    input: { name: schemaName, definition: { ...definition, properties } },
  });
  await expect(told(pat, events, variables)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('what was told live is told again from an earlier position, whatever the documents have become', async () => {
  const filters = [
    { field: 'data.n', ge: 5 },
    { field: 'status', eq: 'old' },
  ];
  const step = fc.record({ document: fc.nat(2), n: fc.nat(9), moves: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 15 }), async (steps) => {
      const [pat, schemaName] = [person(), await service.schema(definition)];
      const ids = [1, 6, 9].map((n) => service.document(pat, schemaName, { n }));
      const documents = await Promise.all(ids);
      const from = await position();
      const live: (Told | null)[][] = filters.map(() => []);
      const states = new Map(documents.map((id, index) => [id, { n: [1, 6, 9][index] ?? 0, status: 'new' }]));
      const expected: (Told | null)[][] = filters.map(() => []);
      const passes = (index: number, { n, status }: { n: number; status: string }) =>
        index === 0 ? n >= 5 : status === 'old';
      let seen = from;
      for (const { document, n, moves } of steps) {
        const id = documents[document] as string;
        const before = { ...(states.get(id) as { n: number; status: string }) };
        const name = before.status === 'new' ? 'age' : 'renew';
        await service.ask(pat, moves ? move(id, name) : update(id, n));
        const after = moves ? { ...before, status: before.status === 'new' ? 'old' : 'new' } : { ...before, n };
        states.set(id, after);
        const events = await service.graph.readLog(seen);
        seen = events.at(-1)?.position ?? seen;
        for (const [index, filter] of filters.entries()) {
          live[index]?.push(...(await told(pat, events, { schemaName, filter })));
          const kind = moves ? 'TRANSITIONED' : 'UPDATED';
          const isTold = events.length > 0 && (passes(index, before) || passes(index, after));
          const matchesFilter = passes(index, after);
          if (events.length > 0) expected[index]?.push(isTold ? { kind, documentId: id, matchesFilter } : null);
        }
      }
      const events = await service.graph.readLog(from);
      for (const [index, filter] of filters.entries()) {
        expect(live[index]).toEqual(expected[index]?.map((each) => each && expect.objectContaining(each)));
        expect(await told(pat, events, { schemaName, filter })).toEqual(live[index]);
      }
    }),
    { numRuns: 15 },
  );
}, 300_000);

test('links that change who sees a document obey the filter as well', async () => {
  const [pat, viewer] = [person(), { userId: await peopleIn(service.graph).user() }];
  const schemaName = await service.schema(definition);
  const admin = person({ permissions: ['UPDATE_ACCESS_TO_DOCUMENT', 'VIEW_DOCUMENTS'] });
  const [big, small] = [
    await service.document(pat, schemaName, { n: 9 }),
    await service.document(pat, schemaName, { n: 1 }),
  ];
  const from = await position();
  const link = (operation: string, id: string) =>
    service.ask(
      admin,
      `mutation { ${operation}(input: { id: "${id}", userIds: ["${viewer.userId}"] }) { document { id } } }`,
    );
  for (const id of [big, small]) await link('linkDocument', id);
  const gained = await service.graph.readLog(from);
  const variables = { schemaName, filter: { field: 'data.n', ge: 5 } };
  expect(await told(viewer, gained, variables)).toMatchObject([
    { kind: 'ACCESS_GAINED', documentId: big, matchesFilter: true, document: { id: big } },
    null,
  ]);
  const since = await position();
  for (const id of [big, small]) await link('unlinkDocument', id);
  const lost = await service.graph.readLog(since);
  expect(await told(viewer, lost, variables)).toMatchObject([
    { kind: 'ACCESS_LOST', documentId: big, matchesFilter: false, document: null },
    null,
  ]);
  expect(await told(person(), [...gained, ...lost], variables)).toEqual([null, null, null, null]);
});

test('a batch costs as many statements, however many events; without a filter only two', async () => {
  const [pat, schemaName, from] = [person(), await service.schema(definition), await position()];
  const ids = [];
  for (let n = 0; n < 5; n += 1) ids.push(await service.document(pat, schemaName, { n }));
  for (let n = 0; n < 20; n += 1) await service.ask(pat, update(ids[n % 5] as string, n + 10));
  const events = await service.graph.readLog(from);
  const many = Array.from({ length: 20 }, () => events).flat();
  expect(many).toHaveLength(500);
  const cost = (batch: readonly LogEvent[], variables: object) =>
    recordStatements(() => told(pat, batch, variables)).then(({ length }) => length);
  expect(await cost(many, {})).toBe(2);
  expect(await cost(many, { schemaName })).toBe(2);
  const filter = { field: 'data.n', ge: 20 };
  const few = await cost(events.slice(0, 8), { schemaName, filter });
  expect(await cost(many, { schemaName, filter })).toBe(few);
  expect(few).toBeLessThanOrEqual(5);
});
