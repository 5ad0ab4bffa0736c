// How many statements an operation costs: at most one for each kind of entity, however many documents there are.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Database } from '../../../platform/database/database.ts';
import { newId } from '../../../platform/ids.ts';
import { type DataService, person, startDataService } from '../../../tests/support/data-service.ts';

let statements: string[] = [];

/** The same database; statements are written down. Transactions are left as they are. */
function counting(database: Database): Database {
  return {
    ...database,
    forService(service) {
      const tables = database.forService<never>(service);
      const db = new Proxy(tables.db, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            const [statement] = args as [{ sql?: string }];
            statements.push(/FROM (data\.\w+)/.exec(statement.sql ?? '')?.[1] ?? String(name));
            return Reflect.apply(value, target, args);
          };
        },
      });
      return { ...tables, db } as never;
    },
  };
}

let service: DataService;
let name: string;
const pat = person();
const groupId = newId();
const jane = person({ staff: [{ groupId, permissions: ['VIEW_DOCUMENTS'] }] });

beforeAll(async () => {
  service = await startDataService({ wrap: counting });
  const actions = [{ type: 'linkCreator' }, { type: 'linkEnlistedGroups' }];
  name = await service.schema({ creationTransition: { type: 'manual', toStatus: 'new', actions } });
  for (let n = 0; n < 25; n += 1) await service.document({ ...pat, patient: [{ groupId }] }, name);
});
afterAll(() => service.close());

async function costOf(query: string, variables?: Record<string, unknown>): Promise<string[]> {
  statements = [];
  await service.ask(jane, query, variables);
  return statements.sort();
}

const documents = 'data.documents';
const schemas = 'data.document_schemas';
const files = 'data.document_files';

test('a page of documents with creators, groups and files', async () => {
  const query = `{ documents(schemaName: "${name}") { nodes { id data creator { id } users { id } groups { id } files { id } schema { name } } } }`;
  expect(await costOf(query)).toEqual([files, schemas, documents].sort());
});

test('counting costs one more, only when asked for', async () => {
  expect(await costOf(`{ documents(schemaName: "${name}") { totalCount pageInfo { hasNextPage } } }`)).toEqual(
    [schemas, documents, documents].sort(),
  );
});

test('many references at once', async () => {
  const { documents: page } = await service.ask(jane, `{ documents(schemaName: "${name}") { nodes { id } } }`);
  const representations = page.nodes.map(({ id }: { id: string }) => ({ __typename: 'Document', id }));
  const query =
    'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Document { data schema { name } files { id } } } }';
  expect(await costOf(query, { representations })).toEqual([files, schemas, documents].sort());
});

test('documents under many users and groups', async () => {
  const under = (
    typename: string,
  ) => `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on ${typename} { documents(schemaName: "${name}", first: 2) { totalCount nodes { id groups { id } schema { name } } } }
  } }`;
  for (const typename of ['User', 'Group']) {
    const ids = [pat.userId, groupId, ...Array.from({ length: 10 }, newId)];
    const representations = ids.map((id) => ({ __typename: typename, id }));
    // The lists are read from the ids given; the counts from the documents that belong to them.
    expect((await costOf(under(typename), { representations })).length).toBe(3);
  }
});

test('a batch of events', async () => {
  const events = await service.graph.readLog();
  statements = [];
  const query = 'subscription { documentChanged { document { data schema { name } creator { id } } } }';
  const results = await service.graph.executeEvents('data', { query, identity: jane, events });
  expect(results.filter((result) => result !== null)).toHaveLength(25);
  expect(statements.sort()).toEqual([schemas, documents].sort());
});

test('creating a document reads its schema, and nothing else outside the transaction', async () => {
  expect(
    await costOf(`mutation { createDocument(input: { schemaName: "${name}" }) { document { id creator { id } } } }`),
  ).toEqual([schemas]);
});
