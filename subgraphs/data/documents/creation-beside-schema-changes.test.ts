// Creations while somebody changes the schema: what is created is as the schema says at that moment.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { anonymous } from '../../../platform/identity/identity.ts';
import { newId } from '../../../platform/ids.ts';
import type { DataService } from '../../../tests/support/data-service.ts';
import { person, startDataService } from '../../../tests/support/data-service.ts';
import type { DataModel, DataParts } from '../parts.ts';
import { createConfigurationCompiler } from '../schemas/compile-configuration.ts';
import { createSchemaChecks } from '../schemas/schema-checks.ts';
import { createDocument } from './create-document.ts';

let service: DataService;
beforeAll(async () => {
  service = await startDataService();
});
afterAll(() => service.close());

const compile = createConfigurationCompiler();
const now = Date.now();
const base = { properties: { n: { type: 'number' } }, createMode: 'allUsers', readMode: ['creator'] };

async function changeSchema(name: string, change: object): Promise<void> {
  const author = person({ permissions: ['UPDATE_SCHEMAS'] });
  const query =
    'mutation ($input: UpdateDocumentSchemaInput!) { updateDocumentSchema(input: $input) { schema { id } } }';
  await service.ask(author, query, { input: { name, definition: { ...base, ...change } } });
}

/** Creates a document; before each of its first transactions the schema changes. */
async function createBeside(changes: readonly object[]) {
  const name = await service.schema(base);
  const database = service.database.forService<DataModel>('data');
  const left = [...changes];
  const parts: DataParts = {
    database: {
      ...database,
      write: async (work) => {
        const change = left.shift();
        if (change !== undefined) await changeSchema(name, change);
        return database.write(work);
      },
    },
    services: { has: () => false, call: () => Promise.reject(new Error('nothing is asked')) },
    clock: () => now,
    compile,
    checksOf: createSchemaChecks(compile),
  };
  const identity = { ...anonymous, userId: newId() };
  return createDocument({ schemaName: name, data: { n: 50 } }, { identity, now }, parts);
}

test('data that no longer conforms is refused', async () => {
  const refusal = createBeside([{ properties: { n: { type: 'number', maximum: 10 } } }]);
  await expect(refusal).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.data.n' } });
});

test('while the schema keeps changing, nothing is created', async () => {
  const changes = Array.from({ length: 5 }, (_, each) => ({ defaultLimit: each + 1 }));
  await expect(createBeside(changes)).rejects.toMatchObject({ code: 'LOCKED_DOCUMENT' });
});

test('the document has the status that the schema gives now', async () => {
  const statuses = { fresh: {} };
  const creationTransition = { type: 'manual', toStatus: 'fresh' };
  const { document } = await createBeside([{ statuses, creationTransition }]);
  expect(document).toMatchObject({ status: 'fresh', data: { n: 50 } });
});

test('conditions that run away share the time of one workflow', async () => {
  const configuration = {
    type: 'object',
    properties: { data: { type: 'object', properties: { s: { type: 'string', pattern: '^(a+)+$' } } } },
  };
  const transitions = Array.from({ length: 40 }, (_, each) => ({
    name: `t${each}`,
    type: 'automatic',
    fromStatuses: ['new'],
    toStatus: 'done',
    conditions: [{ type: 'document', configuration }],
  }));
  const name = await service.schema({
    ...base,
    properties: { s: { type: 'string' } },
    statuses: { new: {}, done: {} },
    transitions,
  });
  const query = 'mutation ($input: CreateDocumentInput!) { createDocument(input: $input) { document { id } } }';
  const variables = { input: { schemaName: name, data: { s: `${'a'.repeat(40)}b` } } };
  const { errors } = await service.graph.execute('data', { query, variables, identity: person() });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', details: { code: 26 } });
});
