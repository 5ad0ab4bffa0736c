// How many statements a write costs: the same for every operation, whatever the document holds and however many
// transitions follow.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Database } from '../../../platform/database/database.ts';
import { newId } from '../../../platform/ids.ts';
import { type DataService, person, startDataService } from '../../../tests/support/data-service.ts';
import { type DocumentMutation, mutations } from '../../../tests/support/document-operations.ts';
import { users } from '../../users/index.ts';

let statements: string[] = [];

/** The same tables; statements are written down, those of transactions, too. */
function counted<T extends object>(db: T): T {
  return new Proxy(db, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const [statement] = args as [{ sql?: string }];
        statements.push((statement.sql ?? String(name)).trim().split(/\s/)[0] ?? '');
        return Reflect.apply(value, target, args);
      };
    },
  });
}

function counting(database: Database): Database {
  return {
    ...database,
    forService(service) {
      const tables = database.forService<never>(service);
      return {
        db: counted(tables.db),
        write: (work: (tx: never) => unknown) =>
          tables.write(async (tx) => work({ ...tx, db: counted(tx.db) } as never)),
      } as never;
    },
  };
}

let service: DataService;
let schemaName: string;
const who = person({ permissions: ['UPDATE_ACCESS_TO_DOCUMENT'] });
const properties = {
  n: { type: 'number' },
  meals: { type: 'array', items: { type: 'object', properties: { kcal: { type: 'number' } } } },
};
const names = Array.from({ length: 20 }, (_, index) => `s${index}`);
const chain = names.slice(1).map((toStatus, index) => {
  return { name: `t${index}`, type: 'automatic', fromStatuses: [`s${index}`], toStatus };
});
const go = { name: 'go', type: 'manual', fromStatuses: ['s19', 'new'], toStatus: 's0' };

beforeAll(async () => {
  service = await startDataService({ others: [users], wrap: counting });
  schemaName = await service.schema({
    properties,
    statuses: Object.fromEntries(['new', ...names].map((name) => [name, {}])),
    transitions: [go, ...chain],
    readMode: ['creator'],
    updateMode: ['creator'],
    deleteMode: ['creator'],
  });
});
afterAll(() => service.close());

async function costOf(mutation: DocumentMutation, input: object): Promise<string[]> {
  statements = [];
  const selection = mutation === 'delete' ? '{ deletedId }' : '{ document { status } }';
  await service.ask(who, mutations[mutation].replace(/(\(input: \$input\)) \{.*\}$/s, `$1 ${selection} }`), { input });
  return statements;
}

test('creation: the schema, then the document with its first version', async () => {
  expect(await costOf('create', { schemaName, data: { n: 1 } })).toEqual(['SELECT', 'WITH']);
});

test('every change: the document with its schema, then the document with its version', async () => {
  const meals = Array.from({ length: 50 }, () => ({ kcal: 1 }));
  const id = await service.document(who, schemaName, { n: 1, meals });
  const stored = await service.graph.database.forService<'document'>('data').db.document.findUnique({ where: { id } });
  const { meals: kept } = (stored?.data ?? {}) as { meals: { id: string }[] };
  const itemId = kept[0]?.id;
  for (const [mutation, input] of [
    ['update', { data: { n: 2 } }],
    ['update', { data: { n: 3 }, expected: { field: 'data.n', eq: 2 }, expectedRql: 'eq(data.n,2)' }],
    ['transition', { name: 'go' }],
    ['addItem', { path: 'meals', item: { kcal: 2 } }],
    ['updateItem', { path: 'meals', itemId, item: { kcal: 3 } }],
    ['deleteItem', { path: 'meals', itemId }],
    ['deleteFields', { fields: ['n'] }],
    ['unlink', { allUsers: true, userIds: [newId()], groupIds: [newId()], allGroups: true }],
  ] as const) {
    const written = mutation === 'unlink' ? [] : ['WITH'];
    expect([mutation, await costOf(mutation, { id, ...input })]).toEqual([mutation, ['SELECT', ...written]]);
  }
  // And what the version held.
  expect(await costOf('restore', { id, version: 1 })).toEqual(['WITH', 'SELECT', 'WITH']);
  expect(await costOf('delete', { id })).toEqual(['SELECT', 'DELETE']);
});
