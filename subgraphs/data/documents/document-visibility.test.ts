// Every path to documents shows a viewer the same ones: those that the plain model of the rules says. By id, in lists,
// pages, counts, aggregates and exports, as references, under users and groups, in the subscription, and through their
// files; whatever the schemas' modes, their spelling, and the filter.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DataService } from '../../../tests/support/data-service.ts';
import { onEachDatabase } from '../../../tests/support/data-service.ts';
import type { ModelDocument, ModelIdentity, ModelSchema } from '../../../tests/support/document-model.ts';
import {
  anyDocument,
  anyIdentity,
  anyMode,
  modelGroups,
  modelMay,
  modelUsers,
} from '../../../tests/support/document-model.ts';
import { type ExportClient, startExports } from '../../../tests/support/export-client.ts';
import { filterProperties, type ModelFilter, modelMatches } from '../../../tests/support/filter-model.ts';
import {
  idsOf,
  shownById,
  shownFiles,
  shownLive,
  shownOfSchema,
  shownUnder,
} from '../../../tests/support/shown-documents.ts';
import type { DataModel } from '../parts.ts';

const now = Date.UTC(2026, 0, 1);

/** The service of one suite: a run that was given up may go on for a while beside the next suite's. */
interface Started {
  readonly service: DataService;
  readonly exports: ExportClient;
}

/** What an author wrote, and what it means. */
interface Spelling {
  readonly spelled: string | readonly string[];
  readonly mode: ModelSchema['mode'];
}

interface TestSchema extends ModelSchema, Spelling {
  readonly disabled: boolean;
}

interface TestDocument extends ModelDocument {
  readonly status: string;
  readonly data: { readonly n?: number; readonly tags?: string[] };
}

interface World {
  readonly schemas: readonly TestSchema[];
  readonly documents: readonly TestDocument[];
  readonly who: ModelIdentity;
  readonly filter: ModelFilter;
}

const oldSpellings: Spelling[] = [
  { spelled: 'default', mode: ['linkedUsers', 'linkedGroupStaff'] },
  { spelled: 'enlistedInLinkedGroups', mode: ['linkedGroupPatients', 'linkedGroupStaff'] },
];

const anySpelling: fc.Arbitrary<Spelling> = fc.oneof(
  { weight: 4, arbitrary: anyMode.map((mode) => ({ spelled: mode, mode })) },
  { weight: 1, arbitrary: fc.constantFrom(...oldSpellings) },
);

const anyLeaf: fc.Arbitrary<ModelFilter> = fc.oneof(
  fc
    .tuple(fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le'), fc.nat({ max: 3 }))
    .map(([operator, value]) => ({ field: 'data.n', [operator]: value })),
  fc.boolean().map((present) => ({ field: 'data.n', present })),
  fc.constantFrom('a', 'b').map((eq) => ({ field: 'data.tags', eq })),
  fc.constantFrom('new', 'done', 'none').map((eq) => ({ field: 'status', eq })),
  fc.constantFrom(...modelUsers).map((eq) => ({ field: 'creatorId', eq })),
  fc.subarray(modelUsers, { minLength: 1 }).map((out) => ({ field: 'userIds', out })),
  fc.subarray(modelGroups, { minLength: 1 }).map((among) => ({ field: 'groupIds', in: among })),
);

const anyFilter: fc.Arbitrary<ModelFilter> = fc.letrec<{ filter: ModelFilter }>((tie) => {
  const inner = fc.array(tie('filter'), { minLength: 1, maxLength: 2 });
  return {
    filter: fc.oneof(
      { maxDepth: 2 },
      { weight: 3, arbitrary: anyLeaf },
      { weight: 1, arbitrary: inner.map((and) => ({ and })) },
      { weight: 1, arbitrary: inner.map((or) => ({ or })) },
      { weight: 1, arbitrary: tie('filter').map((not) => ({ not })) },
    ),
  };
}).filter;

function anyWorld(schemas: readonly { readonly id: string; readonly name: string }[]): fc.Arbitrary<World> {
  const permissions = ['VIEW_DOCUMENTS', 'UPDATE_DOCUMENTS', ...schemas.map(({ name }) => `VIEW_DOCUMENTS:${name}`)];
  const content = fc.record({
    status: fc.constantFrom('new', 'done'),
    data: fc.record({ n: fc.nat({ max: 3 }), tags: fc.subarray(['a', 'b']) }, { requiredKeys: [] }),
  });
  const document = fc
    .tuple(anyDocument(schemas.map(({ id }) => id)), content)
    .map(([links, rest]): TestDocument => ({ ...links, ...rest }));
  return fc.record({
    schemas: fc.tuple(
      ...schemas.map((schema) =>
        fc.tuple(anySpelling, fc.boolean()).map(([spelling, disabled]) => ({ ...schema, ...spelling, disabled })),
      ),
    ),
    documents: fc.array(document, { minLength: 1, maxLength: 30 }),
    who: anyIdentity(permissions, now),
    filter: fc.oneof({ weight: 1, arbitrary: fc.constant({}) }, { weight: 2, arbitrary: anyFilter }),
  });
}

/** Straight into the tables: who made them and how is not the question here. Each document has a file with its own id. */
async function build(service: DataService, { schemas: wanted, documents }: World): Promise<void> {
  const { db } = service.database.forService<DataModel>('data');
  await db.document.deleteMany({});
  for (const { id, spelled, disabled } of wanted) {
    const { definition } = await db.documentSchema.findUniqueOrThrow({ where: { id } });
    const changed = { ...(definition as object), readMode: spelled as string | string[] };
    await db.documentSchema.update({ where: { id }, data: { definition: changed, disabled } });
  }
  const rest = { statusChangedAt: new Date(now) };
  await db.document.createMany({ data: documents.map((document) => ({ ...document, ...rest })) });
  await db.documentFile.createMany({ data: documents.map(({ id }) => ({ documentId: id, fileId: id })) });
}

async function compareSchema(
  { service, exports }: Started,
  { schema, ofSchema }: { readonly schema: TestSchema; readonly ofSchema: readonly TestDocument[] },
  { who, filter }: World,
): Promise<void> {
  const chosen = ofSchema.filter(({ data, ...columns }) => modelMatches(filter, { columns, data }));
  const ids = idsOf(chosen);
  const byStatus: Record<string, number> = {};
  for (const { status } of chosen) byStatus[status] = (byStatus[status] ?? 0) + 1;
  const asked = { name: schema.name, filter };
  expect(await shownOfSchema({ service, who }, exports, asked)).toEqual({
    list: ids,
    count: ids.length,
    pages: ids,
    byStatus,
    exported: ids,
  });
  for (const [id, { count, list }] of await shownUnder({ service, who }, 'User', asked)) {
    const own = idsOf(chosen.filter(({ creatorId, userIds }) => creatorId === id || userIds.includes(id)));
    expect({ count, list }).toEqual({ count: own.length, list: own });
  }
  for (const [id, { count, list }] of await shownUnder({ service, who }, 'Group', asked)) {
    const own = idsOf(chosen.filter(({ groupIds }) => groupIds.includes(id)));
    expect({ count, list }).toEqual({ count: own.length, list: own });
  }
  // A disabled schema is there for those who see something of it.
  const { documentSchema } = await service.ask(who, `{ documentSchema(name: "${schema.name}") { id } }`);
  expect(documentSchema).toEqual(schema.disabled && ofSchema.length === 0 ? null : { id: schema.id });
}

onEachDatabase((start) => {
  let service: DataService;
  let exports: ExportClient;
  let schemas: { readonly id: string; readonly name: string }[];

  beforeAll(async () => {
    service = await start({ now: () => now });
    exports = await startExports(service);
    const { db } = service.database.forService<DataModel>('data');
    schemas = [];
    for (let each = 0; each < 4; each += 1) {
      const name = await service.schema({ properties: filterProperties, statuses: { new: {}, done: {} } });
      schemas.push(await db.documentSchema.findUniqueOrThrow({ where: { name }, select: { id: true, name: true } }));
    }
  });
  afterAll(async () => {
    await exports.close();
    await service.close();
  });

  test('every path shows the same documents', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld(schemas), async (world) => {
        await build(service, world);
        const { documents, who } = world;
        const visible = documents.filter((document) => {
          const schema = world.schemas.find(({ id }) => id === document.schemaId) as TestSchema;
          return modelMay(who, document, schema, { permission: 'VIEW_DOCUMENTS', now });
        });
        const expected = idsOf(visible);
        const viewing = { service, who };
        expect(await shownById(viewing, documents)).toEqual({ byId: expected, entities: expected });
        expect(await shownLive(viewing, documents)).toEqual(expected);
        expect(await shownFiles(viewing, documents)).toEqual({ asked: expected, listed: expected });
        for (const schema of world.schemas) {
          const ofSchema = visible.filter(({ schemaId }) => schemaId === schema.id);
          await compareSchema({ service, exports }, { schema, ofSchema }, world);
        }
      }),
      { numRuns: 40 },
    );
  }, 240_000);
});
