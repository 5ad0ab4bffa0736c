// Whatever is done to a schema piece by piece ends in the same schema as writing the whole definition at once.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type DataService, startDataService } from '../../../tests/support/data-service.ts';
import { administrationOf, type SchemaAdministration } from '../../../tests/support/schema-administration.ts';
import { createConfigurationCompiler } from './compile-configuration.ts';
import { requireDefinition } from './schema-definition.ts';

let service: DataService;
let admin: SchemaAdministration;

beforeAll(async () => {
  service = await startDataService();
  admin = administrationOf(service);
});
afterAll(() => service.close());

// biome-ignore lint/suspicious/noExplicitAny: definitions as authors write them
type Model = any;

/** What the service is asked, and what it means for a definition; undefined when it cannot be. */
interface Step {
  readonly mutation: string;
  input(stored: Model): object;
  model(definition: Model): Model | undefined;
}

const compile = createConfigurationCompiler();
const objects: Model = { type: 'object', properties: { b: { type: 'string' } } };
const configuration = fc.constantFrom<Model>(
  { type: 'number' },
  { type: 'string' },
  objects,
  { type: 'array', items: objects },
  { type: 'text' },
);
const name = fc.constantFrom('a', 'b', 'c');
const path = fc.array(name, { minLength: 1, maxLength: 2 });

/** The object that declares the last name of the path. */
function holderOf(definition: Model, names: readonly string[]): Model | undefined {
  if (names.length === 1) return definition;
  let around = definition.properties[names[0] as string];
  if (around?.type === 'array') around = around.items;
  return around?.type === 'object' ? around : undefined;
}

function onProperty(names: readonly string[], change: (properties: Model, last: string) => boolean) {
  return (definition: Model) => {
    const copy = structuredClone(definition);
    const holder = holderOf(copy, names);
    if (holder === undefined) return undefined;
    holder.properties ??= {};
    return change(holder.properties, names.at(-1) as string) ? copy : undefined;
  };
}

const properties = fc.tuple(path, configuration, fc.constantFrom('create', 'update', 'delete')).map(
  ([names, given, verb]): Step => ({
    mutation: `${verb}SchemaProperty`,
    input: () => ({ path: names.join('.'), ...(verb === 'delete' ? {} : { configuration: given }) }),
    model: onProperty(names, (declared, last) => {
      if (Object.hasOwn(declared, last) === (verb === 'create')) return false;
      if (verb === 'delete') delete declared[last];
      else declared[last] = given;
      return true;
    }),
  }),
);

const statuses = fc.tuple(name, fc.constantFrom('create', 'update', 'delete'), fc.constantFrom('x', null)).map(
  ([status, verb, value]): Step => ({
    mutation: `${verb}SchemaStatus`,
    input: () => ({ name: status, ...(verb === 'create' ? {} : verb === 'update' ? { data: { k: value } } : {}) }),
    model: (definition) => {
      const copy = structuredClone(definition);
      if (Object.hasOwn(copy.statuses, status) === (verb === 'create')) return undefined;
      if (verb === 'create') copy.statuses[status] = {};
      if (verb === 'update') copy.statuses[status] = value === null ? {} : { k: value };
      if (verb === 'delete') delete copy.statuses[status];
      return copy;
    },
  }),
);

const given = fc.record({
  name,
  type: fc.constantFrom('manual', 'automatic'),
  fromStatuses: fc.constantFrom(['new'], ['a'], ['new', 'b']),
  toStatus: fc.constantFrom('new', 'a', 'c'),
  actions: fc.constantFrom([], [{ type: 'unset', fields: ['a'] }], [{ type: 'linkCreator' }]),
});
const transitions = fc.tuple(given, fc.nat(3), fc.constantFrom('create', 'create', 'update', 'delete')).map(
  ([transition, place, verb]): Step => ({
    mutation: `${verb}SchemaTransition`,
    input: (stored) => ({
      ...(verb === 'create' ? {} : { transitionId: stored.transitions[place]?.id ?? service.graph.config.publicUrl }),
      ...(verb === 'delete' ? {} : { transition }),
    }),
    model: (definition) => {
      const copy = structuredClone(definition);
      if (verb === 'create') copy.transitions.push(transition);
      else if (copy.transitions[place] === undefined) return undefined;
      else copy.transitions.splice(place, 1, ...(verb === 'update' ? [transition] : []));
      return copy;
    },
  }),
);

const creation = fc.constantFrom('new', 'a', 'c').map(
  (toStatus): Step => ({
    mutation: 'updateCreationTransition',
    input: () => ({ creationTransition: { type: 'manual', toStatus } }),
    model: (definition) => ({ ...definition, creationTransition: { type: 'manual', toStatus } }),
  }),
);

const indexes = fc.tuple(fc.constantFrom('data.a', 'data.c.b', 'status'), fc.constantFrom('asc', 'desc', 'text')).map(
  ([field, type]): Step => ({
    mutation: 'createSchemaIndex',
    input: () => ({ index: { fields: [{ name: field, type }] } }),
    model: (definition) => ({ ...definition, indexes: [...definition.indexes, { fields: [{ name: field, type }] }] }),
  }),
);

function isWhole(definition: Model): boolean {
  try {
    requireDefinition(definition, 'definition', { compile });
    return true;
  } catch {
    return false;
  }
}

const withoutIds = (definition: Model) => ({
  ...definition,
  transitions: definition.transitions.map(({ id: _, ...rest }: Model) => rest),
});

test('pieces make the same whole', async () => {
  const steps = fc.array(fc.oneof(properties, statuses, transitions, creation, indexes), {
    minLength: 1,
    maxLength: 15,
  });
  let done = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const schemaName = await service.schema();
      let stored = (await admin.change('updateDocumentSchema', { name: schemaName })).schema.definition;
      let model = withoutIds(stored);
      for (const step of sequence) {
        const next = step.model(model);
        const input = { schemaName, ...step.input(stored) };
        if (next === undefined || !isWhole(next)) {
          refused += 1;
          await admin.refusal(step.mutation, input);
          continue;
        }
        done += 1;
        stored = (await admin.change(step.mutation, input)).schema.definition;
        model = next;
      }
      const whole = await service.schema(model);
      const other = (await admin.change('updateDocumentSchema', { name: whole })).schema.definition;
      expect(withoutIds(stored)).toEqual(withoutIds(other));
      expect(await indexFields(schemaName)).toEqual(await indexFields(whole));
      const again = await admin.change('updateDocumentSchema', { name: schemaName, definition: model });
      expect([again.changes, again.schema.definition]).toEqual([[], stored]);
    }),
    { numRuns: 40 },
  );
  expect(Math.min(done, refused)).toBeGreaterThan(40);
}, 300_000);

async function indexFields(schemaName: string): Promise<string[]> {
  const { documentSchema } = await service.ask(
    { userId: 'somebody' },
    `{ documentSchema(name: "${schemaName}") { indexes { fields { name type } unique sparse system } } }`,
  );
  return documentSchema.indexes.map((index: object) => JSON.stringify(index)).sort();
}
