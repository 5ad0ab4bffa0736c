// Whatever authors send as the definition of a schema: it is taken, and then works, or is refused and changes nothing.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  createDocumentMutation,
  type DataService,
  person,
  startDataService,
} from '../../../tests/support/data-service.ts';
import { filterProperties } from '../../../tests/support/filter-model.ts';
import { marks } from '../../../tests/support/fuzzed-queries.ts';
import { type FuzzedService, fuzzedService } from '../../../tests/support/fuzzed-service.ts';
import { glucoseReading } from '../../../tests/support/glucose-reading.ts';
import { hostileJson, mutatedJson } from '../../../tests/support/hostile-input.ts';

let service: DataService;
let schemaName: string;
let fuzzed: FuzzedService;
const author = person({ permissions: ['UPDATE_SCHEMAS', 'CREATE_DOCUMENTS', 'VIEW_DOCUMENTS'] });

beforeAll(async () => {
  service = await startDataService();
  schemaName = await service.schema(glucoseReading);
  fuzzed = fuzzedService(service, marks);
});
afterAll(async () => {
  fuzzed.stop();
  await service.close();
});

const updateSchema = `mutation ($input: UpdateDocumentSchemaInput!) {
  updateDocumentSchema(input: $input) { schema { id definition } changes { path kind } }
}`;

const simple = {
  properties: { ...filterProperties, zq7x: { type: 'string', pattern: '^[a-z]{1,4}$', enum: ['zq7x', 'a'] } },
  statuses: { open: { label: 'zq7x' }, done: {} },
  indexes: [
    {
      fields: [
        { name: 'data.zq7x', type: 'desc' },
        { name: 'status', type: 'asc' },
      ],
      options: { unique: true },
    },
    { fields: [{ name: "data.device.'zq7x", type: 'text' }] },
    { fields: [{ name: 'data.tags', type: 'asc' }] },
  ],
};

/** Bits of definitions, at places that they may not be meant for. */
const bits = fc.oneof(
  { weight: 2, arbitrary: hostileJson },
  {
    weight: 6,
    arbitrary: fc.constantFrom<unknown>(
      ...[{ type: 'string' }, { type: 'number' }, { type: 'boolean' }, { type: 'array', items: { type: 'string' } }],
      ...[
        { type: 'object', additionalProperties: { type: 'number' } },
        { type: 'string', format: 'date-time' },
      ],
      ...[{ type: 'object', properties: Object.fromEntries([['then', { type: 'string' }]]) }],
      ...[
        { type: 'string', pattern: 'zq7x' },
        { type: 'string', pattern: '(((' },
        { type: 'number', enum: [1, 1] },
      ],
      ...[{ type: 'array', items: { type: 'object', required: ['zq7x'] }, minItems: 2, maxItems: 1 }],
      ...[
        { type: 'string', pattern: '(?:(?:(?:a{999}){999}){999}){999}' },
        { type: 'string', const: 'zq7x' },
      ],
      ...[
        { type: 'string', pattern: '(?<n>a)\\k<n>|\\p{L}+' },
        { type: 'string', minLength: 5, maxLength: 2 },
      ],
      ...['allUsers', 'permissionRequired', ['creator', 'creator'], 'creator', 'automatic', 'manual', 'input', 'task'],
      ...[0, 1, 2, 1_001, -1, 1.5, 2 ** 53, 1e308, true, null, [], {}, 'zq7x', 'open', 'received', 'mmol', 'data.mmol'],
      ...['data.device.zq7x', 'data.device.\'"zq7x{},\\', 'data.raw', 'data.meals', 'userIds', 'data.nope', 'text'],
      ...[{ fields: [{ name: 'data.device.\'"zq7x{},\\', type: 'asc' }] }, { fields: [{ name: 'id', type: 'text' }] }],
      ...[
        { type: 'delay', time: 1 },
        { type: 'set', field: 'zq7x', value: 'zq7x' },
        { type: 'unset', fields: ['n'] },
      ],
      ...[{ type: 'manual', name: 'zq7x', fromStatuses: ['open'], toStatus: 'done' }],
      ...[{ type: 'automatic', name: 'round', fromStatuses: ['open'], toStatus: 'open' }],
    ),
  },
);
const definitions = fc
  .constantFrom<unknown>(glucoseReading, simple)
  .chain((definition) => mutatedJson(definition, bits));

const contents = fc.oneof(
  fc.constantFrom<object>({}, { zq7x: 'zq7x' }, { zq7x: 'aaa', n: 1 }, { device: { zq7x: 'a', '\'"zq7x{},\\': 'b' } }),
  fc
    .array(
      fc.tuple(fc.constantFrom(...Object.keys(glucoseReading.properties), ...Object.keys(simple.properties)), bits),
      {
        maxLength: 3,
      },
    )
    .map((entries) => Object.fromEntries(entries)),
);

const codes = ['BAD_USER_INPUT', 'ALREADY_EXISTS', 'NOT_FOUND'];

test(
  '1,000 definitions, and documents of those that are taken',
  async () => {
    let taken = 0;
    let created = 0;
    await fc.assert(
      fc.asyncProperty(definitions, contents, async (definition, data) => {
        const change = { query: updateSchema, variables: { input: { name: schemaName, definition } } };
        const { code, data: answer } = await fuzzed.ask(change, { viewer: author, codes });
        if (code !== undefined) return;
        taken += 1;
        // What it answers as the definition is one that it takes.
        const again = { input: { name: schemaName, definition: answer.updateDocumentSchema.schema.definition } };
        const second = await fuzzed.ask({ query: updateSchema, variables: again }, { viewer: author, codes: [] });
        expect(second.data.updateDocumentSchema.changes).toEqual([]);
        const document = { query: createDocumentMutation, variables: { input: { schemaName, data } } };
        if ((await fuzzed.ask(document, { viewer: author, codes })).code === undefined) created += 1;
      }),
      { numRuns: 1_000 },
    );
    expect(taken).toBeGreaterThan(100);
    expect(created).toBeGreaterThan(10);
    expect(fuzzed.bound()).toBeGreaterThan(100);
  },
  4 * 60_000,
);

test(
  'indexes on fields with odd names are built',
  async () => {
    const indexes = ['data.device.\'"zq7x{},\\', "data.device.'); DROP TABLE data", 'data.device.$1 %s'].map(
      (name) => ({ fields: [{ name, type: 'asc' }], options: { sparse: true } }),
    );
    const input = { name: schemaName, definition: { ...simple, indexes } };
    await service.ask(author, updateSchema, { input });
    await service.graph.runJobs();
    const readStates = 'query ($name: String!) { documentSchema(name: $name) { indexes { state system } } }';
    const { documentSchema } = await service.ask(author, readStates, { name: schemaName });
    const states = documentSchema.indexes.filter(({ system }: { system: boolean }) => !system);
    expect(states).toEqual(indexes.map(() => ({ state: 'READY', system: false })));
    const made = await service.document(author, schemaName, { device: { "'); DROP TABLE data": 'a' } });
    expect(made).toBeTruthy();
  },
  4 * 60_000,
);
