// Documents for fuzzed queries to find: of the schema in filter-model.ts, and some of what it said before, so that their
// values have other types than it declares now.
import { newId } from '../../platform/ids.ts';
import type { DataService, Person } from './data-service.ts';
import { person } from './data-service.ts';
import { filterProperties } from './filter-model.ts';

const text = { type: 'string' };
const number = { type: 'number' };
const earlierProperties = {
  n: text,
  s: number,
  b: text,
  at: text,
  tags: number,
  nums: { type: 'array', items: text },
  meals: { type: 'array', items: number },
  device: text,
};
const updateDefinition = `mutation ($input: UpdateDocumentSchemaInput!) {
  updateDocumentSchema(input: $input) { schema { id } }
}`;

export interface FuzzedDocuments {
  readonly schemaName: string;
  readonly creator: Person;
  readonly ids: readonly string[];
}

export async function startFuzzedDocuments(service: DataService): Promise<FuzzedDocuments> {
  const creator = person();
  const modes = { readMode: 'allUsers', updateMode: ['creator'] };
  const schemaName = await service.schema({ ...modes, properties: earlierProperties });
  const add = (data: Record<string, unknown>) => service.document(creator, schemaName, data);
  const earlier = [
    await add({ n: 'zq', s: 1e308, b: 'true', at: '2020-02-31T00:00:00.000Z', tags: 1, nums: ['x'], meals: [1] }),
    await add({ n: '1', s: 5e-324, b: '', at: 'soon', device: 'none' }),
  ];
  const author = { userId: newId(), permissions: ['UPDATE_SCHEMAS'] };
  const definition = { ...modes, properties: filterProperties };
  await service.ask(author, updateDefinition, { input: { name: schemaName, definition } });
  const later = [
    await add({}),
    await add({
      ...{ n: 1, s: 'a', b: true, at: '2020', tags: ['a'], nums: [1], device: { model: 'm', other: 'o' } },
      meals: [{ kcal: 1, name: 'a', parts: [{ x: 1 }] }],
    }),
    await add({ n: 1e308, s: '😀%_\\', b: false, at: '9999-12-31T23:59:59.999Z', tags: [], nums: [1e308, -1e308] }),
    await add({ n: 1e308, s: '', meals: [{}, { parts: [] }], device: {} }),
  ];
  return { schemaName, creator, ids: [...earlier, ...later] };
}
